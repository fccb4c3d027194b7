"""Orders with their totals."""

from dltflow.quality import DLTMetaMixin
from pyspark.sql import DataFrame

from shop.prices import with_total


class Orders(DLTMetaMixin):
    def __init__(self, spark, init_conf):
        self.spark = spark
        self.columns = init_conf["reader"]["columns"]

    def orders(self) -> DataFrame:
        rows = [(1, "apples", 3, 0.4), (2, "pears", 0, 0.6), (3, "plums", 12, 0.2)]
        return with_total(self.spark.createDataFrame(rows, self.columns))
