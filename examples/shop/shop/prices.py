"""What things cost."""

from pyspark.sql import DataFrame


def with_total(orders: DataFrame) -> DataFrame:
    """Adds `total`: quantity times price."""
    return orders.withColumn("total", orders["quantity"] * orders["price"])
