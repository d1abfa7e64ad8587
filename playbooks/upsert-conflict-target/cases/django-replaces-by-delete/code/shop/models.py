from django.db import models


class Channel(models.Model):
    account_id = models.IntegerField()
    kind = models.TextField()
    address = models.TextField()

    class Meta:
        db_table = "channels"
