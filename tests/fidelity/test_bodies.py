"""What the program sends, held against the official SDK: it knows every key, and drops none."""

import inspect
import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import fields

import pytest
from databricks.sdk.service import pipelines as api

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Fields of a request that are no part of the stored settings.
BESIDE_THE_SPEC = {"expected_last_modified", "parameters", "pipeline_id", "run_as"}
# Keywords of `create` that no workflow can give: they are refused, or left out where they say what counts anyway.
NOT_OURS = {"allow_duplicate_names", "deployment", "dry_run", "gateway_definition", "id", "ingestion_definition"}
TASKS = {"items": [{"python_file": "shop/pipelines/orders.py", "parameters": ["--conf", "conf/orders.json"]}]}

UNITY = {
    "name": "unity",
    "tasks": {**TASKS, "dependencies": [{"pypi": {"package": "pyyaml==6.0.2"}}]},
    "catalog": "main",
    "schema": "shop",
    "serverless": True,
    "continuous": True,
    "photon": True,
    "channel": "PREVIEW",
    "budget_policy_id": "4f3c1f4e-0000-4000-8000-000000000001",
    "configuration": {"shop.currency": "EUR", "shop.limit": 3},
    "environment": {"dependencies": ["numpy<3"], "environment_version": "3"},
    "event_log": {"catalog": "main", "schema": "logs", "name": "shop_log"},
    "filters": {"include": ["com.example.shop"], "exclude": ["com.example.noise"]},
    "notifications": [
        {"alerts": ["on-update-failure", "on-flow-failure"], "email_recipients": ["octocat@github.com"]}
    ],
    "parameters": {"day": "monday"},
    "parent_path": "/Workspace/Shared/shop",
    "restart_window": {"start_hour": 3, "days_of_week": ["MONDAY", "SUNDAY"], "time_zone_id": "UTC"},
    "root_path": "/Workspace/Shared/shop",
    "run_as": {"service_principal_name": "6a1f0000-0000-4000-8000-000000000001"},
    "tags": {"team": "shop", "cost": 7},
}

CLASSIC = {
    "name": "classic",
    "tasks": TASKS,
    "storage": "/mnt/lake/shop",
    "target": "shop",
    "development": False,
    "edition": "ADVANCED",
    "serverless_compute_id": "sc-1",
    "usage_policy_id": "4f3c1f4e-0000-4000-8000-000000000002",
    "trigger": {"cron": {"quartz_cron_schedule": "0 0 * * * ?", "timezone_id": "UTC"}},
    "clusters": [
        {
            "label": "default",
            "node_type_id": "i3.xlarge",
            "driver_node_type_id": "i3.2xlarge",
            "autoscale": {"min_workers": 1, "max_workers": 5, "mode": "ENHANCED"},
            "apply_policy_default_values": True,
            "policy_id": "9C6308F7030067F1",
            "enable_local_disk_encryption": True,
            "custom_tags": {"team": "shop"},
            "spark_conf": {"spark.speculation": True, "spark.sql.shuffle.partitions": 8},
            "spark_env_vars": {"TZ": "UTC"},
            "ssh_public_keys": ["ssh-ed25519 AAAAC3Nza octocat"],
            "aws_attributes": {
                "availability": "SPOT_WITH_FALLBACK",
                "ebs_volume_count": 1,
                "ebs_volume_iops": 3000,
                "ebs_volume_size": 100,
                "ebs_volume_throughput": 125,
                "ebs_volume_type": "GENERAL_PURPOSE_SSD",
                "first_on_demand": 1,
                "instance_profile_arn": "arn:aws:iam::123456789012:instance-profile/shop",
                "spot_bid_price_percent": 100,
                "zone_id": "auto",
            },
            "cluster_log_conf": {
                "s3": {
                    "destination": "s3://logs/shop",
                    "canned_acl": "bucket-owner-full-control",
                    "enable_encryption": True,
                    "encryption_type": "sse-s3",
                    "endpoint": "https://s3.example.com",
                    "kms_key": "key",
                    "region": "eu-west-1",
                }
            },
            "init_scripts": [
                {"workspace": {"destination": "/Shared/init.sh"}},
                {"volumes": {"destination": "/Volumes/main/shop/init.sh"}},
                {"s3": {"destination": "s3://scripts/init.sh", "region": "eu-west-1"}},
                {"abfss": {"destination": "abfss://c@a.dfs.core.windows.net/init.sh"}},
                {"gcs": {"destination": "gs://scripts/init.sh"}},
                {"dbfs": {"destination": "dbfs:/init.sh"}},
                {"file": {"destination": "file:/init.sh"}},
            ],
        },
        {
            "label": "maintenance",
            "num_workers": 1,
            "instance_pool_id": "pool-1",
            "driver_instance_pool_id": "pool-2",
            "azure_attributes": {
                "availability": "SPOT_WITH_FALLBACK_AZURE",
                "capacity_reservation_group": "/subscriptions/1/reservation",
                "first_on_demand": 1,
                "log_analytics_info": {
                    "log_analytics_primary_key": "{{secrets/shop/key}}",
                    "log_analytics_workspace_id": "workspace",
                },
                "spot_bid_max_price": 1.5,
            },
            "cluster_log_conf": {"dbfs": {"destination": "dbfs:/logs"}},
        },
        {
            "label": "updates",
            "num_workers": 2,
            "node_type_id": "n1-standard-4",
            "gcp_attributes": {
                "availability": "PREEMPTIBLE_WITH_FALLBACK_GCP",
                "boot_disk_size": 100,
                "confidential_compute_type": "SEV_SNP",
                "first_on_demand": 1,
                "google_service_account": "shop@project.iam.gserviceaccount.com",
                "local_ssd_count": 1,
                "use_preemptible_executors": True,
                "zone_id": "auto",
            },
            "cluster_log_conf": {"volumes": {"destination": "/Volumes/main/shop/logs"}},
        },
    ],
}


class Project:
    """A copy of the example that deploys into the sandbox."""

    def __init__(self, folder, sandbox):
        self.folder = folder
        self.sandbox = sandbox
        shutil.copytree(ROOT / "examples" / "shop", folder, dirs_exist_ok=True)

    def write(self, *workflows):
        (self.folder / "workflows" / "rich.json").write_text(json.dumps({"dev": {"workflows": workflows}}))

    def deploy(self, spec, *flags):
        """The bodies that this deployment sends to make and to edit pipelines, by method."""
        self.sandbox.control("DELETE", "log")
        program = os.environ.get("DLTFLOW_BIN", ROOT / "target" / "debug" / "dltflow")
        command = [program, "deploy-py-dlt", "--environment", "dev", "--deployment-file", f"workflows/{spec}", *flags]
        variables = {"DATABRICKS_HOST": self.sandbox.databricks, "DATABRICKS_TOKEN": "sandbox-token"}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        bodies = {"POST": [], "PUT": []}
        for entry in self.sandbox.control("GET", "log"):
            if entry["method"] in bodies and entry["path"].startswith("/api/2.0/pipelines"):
                bodies[entry["method"]].append(entry["body"])
        return bodies


@pytest.fixture
def project(tmp_path, sandbox):
    return Project(tmp_path, sandbox)


def keywords(method):
    return set(inspect.signature(method).parameters) - {"self"}


def check(body, method):
    """Every key is a keyword of the method, and what the SDK reads as a specification it writes as it was."""
    assert body.keys() <= keywords(method), body.keys() - keywords(method)
    spec = {key: value for key, value in body.items() if key not in BESIDE_THE_SPEC}
    assert api.PipelineSpec.from_dict(spec).as_dict() == spec
    run_as = body.get("run_as", {})
    assert api.RunAs.from_dict(run_as).as_dict() == run_as
    texts = [*body["configuration"].values(), *body.get("parameters", {}).values(), *body.get("tags", {}).values()]
    assert all(isinstance(text, str) for text in texts), texts


@pytest.mark.parametrize("flags", [[], ["--as-individual"]])
@pytest.mark.parametrize(
    "spec, edit",
    [
        ("orders.yml", ("max_workers: 2", "max_workers: 4")),
        ("returns.json", ('"shop_dev"', '"shop_dev", "photon": true')),
    ],
)
def test_the_example_speaks_the_api(project, spec, edit, flags):
    (made,) = project.deploy(spec, *flags)["POST"]
    check(made, api.PipelinesAPI.create)
    file = project.folder / "workflows" / spec
    file.write_text(file.read_text().replace(*edit))
    (edited,) = project.deploy(spec, *flags)["PUT"]
    check(edited, api.PipelinesAPI.update)
    assert edited["expected_last_modified"] > 0


def test_every_field_that_a_workflow_can_have_speaks_the_api(project):
    project.write(UNITY, CLASSIC)
    made = project.deploy("rich.json")["POST"]
    for body in made:
        check(body, api.PipelinesAPI.create)
    assert set().union(*made) == keywords(api.PipelinesAPI.create) - NOT_OURS
    clusters = [cluster for body in made for cluster in body.get("clusters", [])]
    assert set().union(*clusters) == {field.name for field in fields(api.PipelineCluster)}
    project.write({**UNITY, "photon": False}, {**CLASSIC, "edition": "PRO"})
    edited = project.deploy("rich.json")["PUT"]
    assert len(edited) == len(made) == 2
    for body in edited:
        check(body, api.PipelinesAPI.update)


def test_what_was_sent_is_what_the_official_client_reads(project, workspace):
    project.write(UNITY, CLASSIC)
    for body in project.deploy("rich.json")["POST"]:
        (row,) = workspace.pipelines.list_pipelines(filter=f"name LIKE '{body['name']}'")
        stored = workspace.pipelines.get(row.pipeline_id).spec.as_dict()
        sent = {key: value for key, value in body.items() if key not in BESIDE_THE_SPEC}
        clusters = sent.pop("clusters", [])
        assert {key: stored.get(key) for key in sent} == sent
        kept = stored.get("clusters", [])
        assert len(kept) == len(clusters)
        for cluster, there in zip(clusters, kept):
            # The service adds defaults to a cluster, and never gives this field back.
            cluster.pop("apply_policy_default_values", None)
            assert {**there, **cluster} == there
    assert project.deploy("rich.json") == {"POST": [], "PUT": []}
