from .models import Shelf


def shelf_for(reader, label):
    try:
        return Shelf.objects.get(reader=reader, label=label)
    except Shelf.DoesNotExist:
        return Shelf.objects.create(reader=reader, label=label)
