from shop.models import Channel


def save_channels(account_id, channels):
    Channel.objects.filter(account_id=account_id).delete()
    Channel.objects.bulk_create([Channel(account_id=account_id, kind=c["kind"], address=c["address"]) for c in channels])
