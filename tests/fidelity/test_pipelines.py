"""Pipelines, as the official SDK sees them."""

import pytest
from databricks.sdk import errors
from databricks.sdk.service import pipelines as api

LIBRARIES = [api.PipelineLibrary(notebook=api.NotebookLibrary(path="/Shared/n"))]


def create(workspace, name, **fields):
    return workspace.pipelines.create(name=name, libraries=LIBRARIES, **fields).pipeline_id


def names(workspace, **query):
    return [row.name for row in workspace.pipelines.list_pipelines(**query)]


def test_what_was_sent_comes_back(workspace):
    sent = api.PipelineSpec(
        name="full",
        libraries=[api.PipelineLibrary(file=api.FileLibrary(path="/Shared/f.py"))],
        catalog="main",
        schema="s",
        configuration={"k": "v"},
        channel="PREVIEW",
        edition="PRO",
        development=True,
        photon=False,
        clusters=[
            api.PipelineCluster(
                label="default",
                node_type_id="n",
                driver_node_type_id="d",
                enable_local_disk_encryption=True,
                autoscale=api.PipelineClusterAutoscale(1, 3, mode=api.PipelineClusterAutoscaleMode.ENHANCED),
                custom_tags={"team": "a"},
            )
        ],
        notifications=[api.Notifications(alerts=["on-update-failure"], email_recipients=["octocat@github.com"])],
        environment=api.PipelinesEnvironment(dependencies=["/Shared/w.whl"]),
        event_log=api.EventLogSpec(name="log", catalog="main", schema="s"),
        filters=api.Filters(include=["a"]),
        tags={"t": "1"},
        root_path="/Shared",
        trigger=api.PipelineTrigger(manual=api.ManualTrigger()),
        restart_window=api.RestartWindow(start_hour=3, days_of_week=[api.DayOfWeek.MONDAY]),
        deployment=api.PipelineDeployment(kind=api.DeploymentKind.BUNDLE, metadata_file_path="/x"),
    )
    fields = {key: value for key, value in sent.__dict__.items() if value is not None}
    id = workspace.pipelines.create(**fields).pipeline_id
    got = workspace.pipelines.get(id)
    assert got.spec.as_dict() == {**sent.as_dict(), "id": id}
    assert (got.pipeline_id, got.name, got.state) == (id, "full", api.PipelineState.IDLE)
    assert got.health == api.GetPipelineResponseHealth.HEALTHY
    assert got.creator_user_name == got.run_as_user_name == "octocat@github.com"
    assert got.effective_publishing_mode == api.PublishingMode.DEFAULT_PUBLISHING_MODE


def test_the_service_fills_in_defaults(workspace):
    id = create(workspace, "hive", clusters=[api.PipelineCluster(label="default", num_workers=0)])
    spec = workspace.pipelines.get(id).spec
    assert spec.storage == f"dbfs:/pipelines/{id}"
    cluster = spec.clusters[0]
    assert cluster.node_type_id and cluster.driver_node_type_id
    assert (cluster.enable_local_disk_encryption, cluster.num_workers) == (False, 0)
    id = create(workspace, "unity", catalog="main", schema="s", event_log=api.EventLogSpec(name="log"))
    spec = workspace.pipelines.get(id).spec
    assert (spec.storage, spec.event_log.catalog, spec.event_log.schema) == (None, "main", "s")


def test_request_only_fields_do_not_come_back(workspace):
    robot = "6a1f0000-0000-4000-8000-000000000001"
    id = create(
        workspace,
        "steered",
        allow_duplicate_names=True,
        run_as=api.RunAs(service_principal_name=robot),
        parameters={"day": "monday"},
    )
    raw = workspace.api_client.do("GET", f"/api/2.0/pipelines/{id}")
    assert raw["run_as_user_name"] == robot and raw["parameters"] == {"day": "monday"}
    assert raw["run_as"] == {"service_principal_name": robot}, "as it was set explicitly"
    assert not {"run_as", "allow_duplicate_names", "dry_run", "parameters"} & raw["spec"].keys()


def test_a_dry_run_creates_nothing(workspace):
    answer = workspace.pipelines.create(name="dry", libraries=LIBRARIES, dry_run=True)
    assert answer.pipeline_id is None and answer.effective_settings.name == "dry"
    assert names(workspace) == []


def test_a_taken_name_is_a_conflict_unless_duplicates_are_allowed(workspace):
    create(workspace, "twin")
    with pytest.raises(errors.ResourceConflict, match="allow_duplicate_names"):
        create(workspace, "twin")
    second = create(workspace, "twin", allow_duplicate_names=True)
    assert names(workspace) == ["twin", "twin"]
    other = create(workspace, "other")
    with pytest.raises(errors.ResourceConflict):
        workspace.pipelines.update(other, name="twin", libraries=LIBRARIES)
    workspace.pipelines.update(second, name="renamed", libraries=LIBRARIES)


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"catalog": "c", "storage": "/s"}, "'catalog' and 'storage'"),
        ({"schema": "s", "target": "t"}, "'schema' and 'target'"),
        ({"target": "a.b"}, "target_schema_name"),
        ({"storage": "relative"}, "absolute"),
        ({"serverless": True, "clusters": [api.PipelineCluster(num_workers=1)]}, "serverless"),
        ({"tags": {str(n): "v" for n in range(26)}}, "25"),
        ({"edition": "GOLD"}, "edition"),
        ({"parameters": {"k": "v" * 10_000}}, "10000"),
        ({"name": ""}, "name"),
        ({"run_as": api.RunAs(user_name="a", service_principal_name="b")}, "run_as"),
        ({"libraries": [*LIBRARIES, api.PipelineLibrary(glob=api.PathPattern(include="/a/**"))]}, "Glob"),
        ({"libraries": [api.PipelineLibrary()]}, "exactly one"),
        ({"clusters": [api.PipelineCluster(autoscale=api.PipelineClusterAutoscale(2, 2))]}, "max_workers"),
        ({"notifications": [api.Notifications(alerts=["on-tuesday"])]}, "alerts"),
    ],
)
def test_invalid_settings_are_refused(workspace, fields, words):
    with pytest.raises(errors.InvalidParameterValue, match=words):
        workspace.pipelines.create(**{"name": "bad", "libraries": LIBRARIES, **fields})
    assert names(workspace) == []


@pytest.mark.parametrize(
    "body, code",
    [
        ({"name": "x", "continuous": "true"}, "MALFORMED_REQUEST"),
        ({"name": "x", "configuration": {"k": 1}}, "MALFORMED_REQUEST"),
        ({"name": "x", "clusters": [{"num_workers": "2"}]}, "MALFORMED_REQUEST"),
        ({"name": "x", "pipeline_type": "dlt"}, "INVALID_PARAMETER_VALUE"),
        ({"name": "x", "clusters": [{"spark_version": "15"}]}, "INVALID_PARAMETER_VALUE"),
        ({}, "INVALID_PARAMETER_VALUE"),
    ],
)
def test_mistyped_and_unknown_fields_are_refused(workspace, body, code):
    with pytest.raises(errors.BadRequest) as refused:
        workspace.api_client.do("POST", "/api/2.0/pipelines", body=body)
    assert refused.value.error_code == code


def test_listing_filters_by_name_or_by_notebook(workspace):
    for name in ["[dev_a] one", "[dev_b] one", "it's"]:
        create(workspace, name)
    workspace.pipelines.create(name="elsewhere", libraries=[api.PipelineLibrary(notebook=api.NotebookLibrary("/Shared/m"))])
    assert sorted(names(workspace, filter="name LIKE '%one'")) == ["[dev_a] one", "[dev_b] one"]
    assert names(workspace, filter="name LIKE '[dev_a] one'") == ["[dev_a] one"]
    assert sorted(names(workspace, filter="name LIKE '[dev__] one'")) == ["[dev_a] one", "[dev_b] one"]
    assert names(workspace, filter="name LIKE 'it''s'") == ["it's"]
    assert names(workspace, filter="notebook='/Shared/m'") == ["elsewhere"]
    assert names(workspace, filter="name LIKE 'nothing'") == []


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "name = 'a'"},
        {"filter": "name LIKE 'a' AND notebook='/n'"},
        {"max_results": 101},
        {"max_results": 0},
        {"order_by": ["name asc"]},
        {"page_token": "%%%"},
    ],
)
def test_an_unsupported_listing_is_refused(workspace, query):
    with pytest.raises(errors.InvalidParameterValue):
        names(workspace, **query)


@pytest.mark.parametrize("asked, limit, pages", [(None, None, 2), (100, None, 1), (10, None, 3), (100, 7, 5)])
def test_listing_comes_in_pages(sandbox, workspace, asked, limit, pages):
    ids = [create(workspace, f"p{n:02}") for n in range(30)]
    sandbox.control("PUT", "settings", {"page_limit": limit})
    sandbox.control("DELETE", "log")
    rows = [row.pipeline_id for row in workspace.pipelines.list_pipelines(max_results=asked)]
    assert rows == sorted(ids)
    assert len(sandbox.requests()) == pages
    backwards = [row.pipeline_id for row in workspace.pipelines.list_pipelines(max_results=asked, order_by=["id desc"])]
    assert backwards == sorted(ids, reverse=True)


def test_an_edit_replaces_everything(workspace):
    id = create(workspace, "old", configuration={"a": "1"}, development=True)
    before = workspace.pipelines.get(id)
    workspace.pipelines.update(id, name="new", libraries=LIBRARIES)
    after = workspace.pipelines.get(id)
    assert (after.name, after.spec.configuration, after.spec.development) == ("new", None, None)
    assert after.last_modified > before.last_modified


def test_an_edit_that_expects_an_older_state_is_a_conflict(workspace):
    id = create(workspace, "raced")
    seen = workspace.pipelines.get(id).last_modified
    workspace.pipelines.update(id, name="raced", libraries=LIBRARIES, expected_last_modified=seen)
    with pytest.raises(errors.ResourceConflict):
        workspace.pipelines.update(id, name="raced", libraries=LIBRARIES, expected_last_modified=seen)


def test_storage_cannot_be_changed(workspace):
    id = create(workspace, "stored", storage="/mnt/a")
    for other in [{"storage": "/mnt/b"}, {}, {"catalog": "main"}]:
        with pytest.raises(errors.InvalidParameterValue, match="storage"):
            workspace.pipelines.update(id, name="stored", libraries=LIBRARIES, **other)
    workspace.pipelines.update(id, name="stored", libraries=LIBRARIES, storage="/mnt/a")


def test_delete_and_unknown_ids(workspace):
    hive, unity = create(workspace, "hive"), create(workspace, "unity", catalog="main", schema="s")
    with pytest.raises(errors.InvalidParameterValue, match="[Cc]ascade"):
        workspace.pipelines.delete(hive, cascade=True)
    workspace.pipelines.delete(hive)
    workspace.pipelines.delete(unity, cascade=True)
    for call in [workspace.pipelines.get, workspace.pipelines.delete, workspace.pipelines.stop]:
        with pytest.raises(errors.NotFound, match=f"The specified pipeline {hive} was not found."):
            call(hive)
    with pytest.raises(errors.NotFound):
        workspace.pipelines.update(hive, name="hive", libraries=LIBRARIES)


def test_a_pipeline_that_the_caller_may_not_see(sandbox, workspace):
    id = create(workspace, "secret")
    sandbox.control("PUT", f"databricks/pipelines/{id}", {"hidden": True})
    assert names(workspace) == []
    with pytest.raises(errors.PermissionDenied):
        workspace.pipelines.get(id)
    with pytest.raises(errors.ResourceConflict):
        create(workspace, "secret")


def test_a_new_pipeline_is_listed_only_after_the_lag(sandbox, workspace):
    sandbox.control("PUT", "settings", {"list_lag": 2})
    id = create(workspace, "late")
    assert [names(workspace) for _ in range(3)] == [[], [], ["late"]]
    assert workspace.pipelines.get(id).name == "late"


def test_updates_start_stop_and_exclude_each_other(workspace):
    id = create(workspace, "run")
    update = workspace.pipelines.start_update(id, full_refresh=True).update_id
    with pytest.raises(errors.ResourceConflict):
        workspace.pipelines.start_update(id)
    info = workspace.pipelines.get_update(id, update).update
    assert (info.state, info.full_refresh) == (api.UpdateInfoState.RUNNING, True)
    assert workspace.pipelines.get(id).latest_updates[0].update_id == update
    workspace.pipelines.stop_and_wait(id)
    assert workspace.pipelines.get(id).state == api.PipelineState.IDLE
    assert [u.state for u in workspace.pipelines.list_updates(id).updates] == [api.UpdateInfoState.CANCELED]


def test_any_edit_restarts_a_continuous_pipeline(sandbox, workspace):
    id = create(workspace, "stream", continuous=True)
    first = workspace.pipelines.get(id).latest_updates[0].update_id
    workspace.pipelines.update(id, name="stream", libraries=LIBRARIES, continuous=True)
    newest, oldest = workspace.pipelines.get(id).latest_updates
    assert oldest.update_id == first and oldest.state == api.UpdateStateInfoState.CANCELED
    assert newest.state == api.UpdateStateInfoState.RUNNING
    [pipeline] = sandbox.control("GET", "state")["databricks"]["pipelines"]
    assert pipeline["restarts"] == 1
