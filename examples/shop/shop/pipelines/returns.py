"""What came back."""

from dltflow.quality import DLTMetaMixin
from pyspark.sql import DataFrame


class Returns(DLTMetaMixin):
    def __init__(self, spark):
        self.spark = spark

    def returns(self) -> DataFrame:
        return self.spark.createDataFrame([(1, "bruised"), (3, "late")], ["order_id", "reason"])
