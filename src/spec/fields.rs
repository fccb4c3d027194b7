//! The fields of a workflow: those of `POST /api/2.0/pipelines` (Databricks Pipelines API), a line each, and `tasks`.

use crate::yaml::{Field, Shape, field, required};

const TEXTS: Shape = Shape::List(&Shape::Text);
const SCALARS: Shape = Shape::Map(&Shape::Scalar);
const OURS: Shape = Shape::Refused("dltflow sets it");
const NO_INGESTION: Shape =
    Shape::Refused("managed ingestion takes no code; deploy that pipeline without `tasks`, by other means");

/// A workflow as specs write it.
pub(super) const WORKFLOW: Shape = Shape::Object(&[
    required("name", Shape::Text),
    required("tasks", Shape::Object(TASKS)),
    field(
        "access_control_list",
        Shape::Refused("permissions are not set; set them on the pipeline once, an update keeps them"),
    ),
    field("allow_duplicate_names", Shape::Flag),
    field("budget_policy_id", Shape::Text),
    field("catalog", Shape::Text),
    field("channel", Shape::Choice(&["CURRENT", "PREVIEW"])),
    field("clusters", Shape::List(&Shape::Object(CLUSTER))),
    field("configuration", SCALARS),
    field("continuous", Shape::Flag),
    field("data_sampling", Shape::Dropped("pipelines have no such field today; remove it")),
    field("deployment", OURS),
    field("development", Shape::Flag),
    field("dry_run", Shape::Refused("use `dltflow plan`")),
    field("edition", Shape::Choice(&["CORE", "PRO", "ADVANCED"])),
    field("environment", Shape::Object(&[field("dependencies", TEXTS), field("environment_version", Shape::Text)])),
    field(
        "event_log",
        Shape::Object(&[field("catalog", Shape::Text), field("name", Shape::Text), field("schema", Shape::Text)]),
    ),
    field("expected_last_modified", OURS),
    field("filters", Shape::Object(&[field("exclude", TEXTS), field("include", TEXTS)])),
    field("gateway_definition", NO_INGESTION),
    field("id", OURS),
    field("ingestion_definition", NO_INGESTION),
    field("libraries", Shape::Refused("the code of a workflow is what its `tasks` name; remove it")),
    field("notifications", Shape::List(&Shape::Object(NOTIFICATION))),
    field("parameters", SCALARS),
    field("parent_path", Shape::Text),
    field("photon", Shape::Flag),
    field("pipeline_id", OURS),
    field("pipeline_type", Shape::Dropped("pipelines have no such field today; remove it")),
    field("restart_window", Shape::Object(RESTART_WINDOW)),
    field("root_path", Shape::Text),
    field("run_as", Shape::Object(RUN_AS)),
    field("schema", Shape::Text),
    field("serverless", Shape::Flag),
    field("serverless_compute_id", Shape::Text),
    field("storage", Shape::Text),
    field("tags", SCALARS),
    field("target", Shape::Text),
    field("trigger", Shape::Object(TRIGGER)),
    field("usage_policy_id", Shape::Text),
    field("workflow_type", Shape::Dropped("every workflow with `tasks` is a pipeline; remove it")),
]);

const TASKS: &[Field] = &[
    required(
        "items",
        Shape::List(&Shape::Object(&[
            required("python_file", Shape::Text),
            field("parameters", Shape::List(&Shape::Scalar)),
        ])),
    ),
    field(
        "dependencies",
        Shape::List(&Shape::Object(&[
            field("whl", Shape::Text),
            field("pypi", Shape::Object(&[required("package", Shape::Text), field("repo", Shape::Text)])),
        ])),
    ),
];

const CLUSTER: &[Field] = &[
    field("apply_policy_default_values", Shape::Flag),
    field(
        "autoscale",
        Shape::Object(&[
            required("min_workers", Shape::Integer),
            required("max_workers", Shape::Integer),
            field("mode", Shape::Choice(&["ENHANCED", "LEGACY"])),
        ]),
    ),
    field("aws_attributes", Shape::Object(AWS)),
    field("azure_attributes", Shape::Object(AZURE)),
    field(
        "cluster_log_conf",
        Shape::Object(&[field("dbfs", DESTINATION), field("s3", S3), field("volumes", DESTINATION)]),
    ),
    field("custom_tags", SCALARS),
    field("driver_instance_pool_id", Shape::Text),
    field("driver_node_type_id", Shape::Text),
    field("enable_local_disk_encryption", Shape::Flag),
    field("gcp_attributes", Shape::Object(GCP)),
    field("init_scripts", Shape::List(&Shape::Object(INIT_SCRIPT))),
    field("instance_pool_id", Shape::Text),
    field("label", Shape::Choice(&["default", "updates", "maintenance"])),
    field("node_type_id", Shape::Text),
    field("num_workers", Shape::Integer),
    field("policy_id", Shape::Text),
    field("spark_conf", SCALARS),
    field("spark_env_vars", SCALARS),
    field("spark_version", Shape::Dropped("`channel` of the workflow chooses the runtime; remove it")),
    field("ssh_public_keys", TEXTS),
];

const AWS: &[Field] = &[
    field("availability", Shape::Choice(&["ON_DEMAND", "SPOT", "SPOT_WITH_FALLBACK"])),
    field("ebs_volume_count", Shape::Integer),
    field("ebs_volume_iops", Shape::Integer),
    field("ebs_volume_size", Shape::Integer),
    field("ebs_volume_throughput", Shape::Integer),
    field("ebs_volume_type", Shape::Choice(&["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"])),
    field("first_on_demand", Shape::Integer),
    field("instance_profile_arn", Shape::Text),
    field("spot_bid_price_percent", Shape::Integer),
    field("zone_id", Shape::Text),
];

const AZURE: &[Field] = &[
    field("availability", Shape::Choice(&["ON_DEMAND_AZURE", "SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE"])),
    field("capacity_reservation_group", Shape::Text),
    field("first_on_demand", Shape::Integer),
    field(
        "log_analytics_info",
        Shape::Object(&[
            field("log_analytics_primary_key", Shape::Text),
            field("log_analytics_workspace_id", Shape::Text),
        ]),
    ),
    field("spot_bid_max_price", Shape::Number),
];

const GCP: &[Field] = &[
    field("availability", Shape::Choice(&["ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"])),
    field("boot_disk_size", Shape::Integer),
    field("confidential_compute_type", Shape::Text),
    field("first_on_demand", Shape::Integer),
    field("google_service_account", Shape::Text),
    field("local_ssd_count", Shape::Integer),
    field("use_preemptible_executors", Shape::Flag),
    field("zone_id", Shape::Text),
];

const DESTINATION: Shape = Shape::Object(&[required("destination", Shape::Text)]);

const S3: Shape = Shape::Object(&[
    required("destination", Shape::Text),
    field("canned_acl", Shape::Text),
    field("enable_encryption", Shape::Flag),
    field("encryption_type", Shape::Text),
    field("endpoint", Shape::Text),
    field("kms_key", Shape::Text),
    field("region", Shape::Text),
]);

const INIT_SCRIPT: &[Field] = &[
    field("abfss", DESTINATION),
    field("dbfs", DESTINATION),
    field("file", DESTINATION),
    field("gcs", DESTINATION),
    field("s3", S3),
    field("volumes", DESTINATION),
    field("workspace", DESTINATION),
];

const NOTIFICATION: &[Field] = &[
    field(
        "alerts",
        Shape::List(&Shape::Choice(&[
            "on-update-success",
            "on-update-failure",
            "on-update-fatal-failure",
            "on-flow-failure",
        ])),
    ),
    field("email_recipients", TEXTS),
];

const RESTART_WINDOW: &[Field] = &[
    required("start_hour", Shape::Integer),
    field(
        "days_of_week",
        Shape::List(&Shape::Choice(&["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"])),
    ),
    field("time_zone_id", Shape::Text),
];

const RUN_AS: &[Field] =
    &[field("group_name", Shape::Text), field("service_principal_name", Shape::Text), field("user_name", Shape::Text)];

const TRIGGER: &[Field] = &[
    field("cron", Shape::Object(&[field("quartz_cron_schedule", Shape::Text), field("timezone_id", Shape::Text)])),
    field("manual", Shape::Object(&[])),
];
