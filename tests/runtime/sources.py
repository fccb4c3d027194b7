"""The pipeline class that most tests launch."""

METHODS = """
    import sys
    from dltflow.quality import DLTMetaMixin

    class Pipeline(DLTMetaMixin):
        def __init__(self, spark):
            self.spark = spark
        def a(self):
            return self.spark.createDataFrame([(1,)], ["x"])
        def b(self):
            return self.spark.createDataFrame([(2,)], ["x"])
        def since(self, version):
            return None if version else (self.a(), 1)
"""
