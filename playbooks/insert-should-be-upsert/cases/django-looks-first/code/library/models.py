from django.db import models


class Reader(models.Model):
    name = models.CharField(max_length=80)


class Shelf(models.Model):
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
    label = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "label"], name="one_shelf_per_label")]
