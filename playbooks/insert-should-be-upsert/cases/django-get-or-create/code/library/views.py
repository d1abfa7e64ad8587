from .models import Shelf


def shelf_for(reader, label):
    shelf, _ = Shelf.objects.get_or_create(reader=reader, label=label)
    return shelf


def restore(shelves):
    Shelf.objects.bulk_create([Shelf(reader=s.reader, label=s.label) for s in shelves], ignore_conflicts=True)
