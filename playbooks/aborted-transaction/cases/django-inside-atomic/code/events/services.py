from django.db import IntegrityError, transaction

from events.models import Guest, Invitation


def invite(event_id, emails):
    with transaction.atomic():
        sent = 0
        for email in emails:
            try:
                Guest.objects.create(event_id=event_id, email=email)
                sent += 1
            except IntegrityError:
                continue
        Invitation.objects.create(event_id=event_id, sent=sent)
