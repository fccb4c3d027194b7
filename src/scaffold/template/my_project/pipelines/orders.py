from dltflow.quality import DLTMetaMixin


class Orders(DLTMetaMixin):
    def orders(self):
        return self.spark.read.table("raw.orders").withColumnRenamed("qty", "quantity")
