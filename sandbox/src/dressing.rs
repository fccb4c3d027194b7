//! Ways in which the service shows a pipeline otherwise than it was sent, each with its source.
//!
//! To whoever compares, a pipeline is the same under all of them. `unverified` is what nothing shows, and the description
//! of the API leaves open.

mod change;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use change::{add_cluster, each, each_cluster, each_path, fill, leave_out, parse, respell, reverse, scalars};

/// One way, by its name.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Dressing(&'static Way);

struct Way {
    name: &'static str,
    source: &'static str,
    /// Dresses an answer to `GET /api/2.0/pipelines/{id}`.
    dress: fn(&mut Value),
}

impl Dressing {
    /// Every way.
    pub fn all() -> impl Iterator<Item = Self> {
        [FILLED_IN, REORDERED, RESPELLED, LEFT_OUT].into_iter().flatten().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Where it was seen, or `unverified`.
    pub fn source(self) -> &'static str {
        self.0.source
    }

    pub(crate) fn dress(self, answer: &mut Value) {
        (self.0.dress)(answer);
    }
}

impl fmt::Debug for Dressing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Dressing> for &'static str {
    fn from(dressing: Dressing) -> Self {
        dressing.name()
    }
}

impl TryFrom<String> for Dressing {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::all().find(|dressing| dressing.name() == name).ok_or_else(|| format!("no way of dressing is `{name}`"))
    }
}

const fn way(name: &'static str, source: &'static str, dress: fn(&mut Value)) -> Way {
    Way { name, source, dress }
}

const UNVERIFIED: &str = "unverified";

/// Fields that nobody sent.
const FILLED_IN: &[Way] = &[
    way("pipeline-type", "JSON view of the web interface", |it| {
        fill(it, json!({"spec": {"pipeline_type": "WORKSPACE"}}));
    }),
    way("data-sampling", "JSON view of the web interface", |it| fill(it, json!({"spec": {"data_sampling": true}}))),
    way("default-edition-and-channel", "what the Terraform provider takes for defaults", |it| {
        fill(it, json!({"spec": {"edition": "ADVANCED", "channel": "CURRENT"}}));
    }),
    way("false-booleans", "terraform-provider-databricks#4418", |it| {
        for name in ["allow_duplicate_names", "continuous", "development", "photon", "serverless"] {
            fill(it, json!({"spec": {name: false}}));
        }
    }),
    way("photon-of-serverless", "API description: always on for serverless; that it shows is unverified", |it| {
        if it["spec"]["serverless"] == true {
            fill(it, json!({"spec": {"photon": true}}));
        }
    }),
    way("ansi-mode", "databricks/cli, libs/testserver/pipelines.go, of the pull request #6813", |it| {
        fill(it, json!({"spec": {"configuration": {"spark.sql.ansi.enabled": "true"}}}));
    }),
    way("cluster-labels", UNVERIFIED, |it| each_cluster(it, &json!({"label": "default"}))),
    way("autoscale-mode", UNVERIFIED, |it| {
        each(it, "/spec/clusters", |one| {
            if one.get("autoscale").is_some() {
                fill(one, json!({"autoscale": {"mode": "LEGACY"}}));
            }
        });
    }),
    way("aws-attributes", "as of clusters of jobs; of pipelines unverified", |it| {
        let attributes = json!({"availability": "SPOT_WITH_FALLBACK", "first_on_demand": 1, "zone_id": "auto"});
        each_cluster(it, &json!({"aws_attributes": attributes}));
    }),
    way("azure-attributes", "as of clusters of jobs; of pipelines unverified", |it| {
        let attributes = json!({"availability": "ON_DEMAND_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1.0});
        each_cluster(it, &json!({"azure_attributes": attributes}));
    }),
    way("gcp-attributes", "as of clusters of jobs; of pipelines unverified", |it| {
        each_cluster(it, &json!({"gcp_attributes": {"availability": "ON_DEMAND_GCP", "zone_id": "HA"}}));
    }),
    way("spark-conf", UNVERIFIED, |it| {
        each_cluster(it, &json!({"spark_conf": {"spark.databricks.delta.preview.enabled": "true"}}));
    }),
    way("spark-env-vars", "as of clusters of jobs; of pipelines unverified", |it| {
        each_cluster(it, &json!({"spark_env_vars": {"PYSPARK_PYTHON": "/databricks/python3/bin/python3"}}));
    }),
    way("values-of-a-policy", "databricks/cli#6512, of clusters of jobs", |it| {
        let values = json!({"policy_id": "0123", "custom_tags": {"cost-center": "7"}, "runtime_engine": "STANDARD"});
        each_cluster(it, &values);
    }),
    way("maintenance-cluster", UNVERIFIED, |it| add_cluster(it, &json!({"label": "maintenance", "num_workers": 1}))),
    way("unknown-cluster", UNVERIFIED, |it| add_cluster(it, &json!({"label": "gateway", "num_workers": 1}))),
    way("budget-policy", "API description: `effective_budget_policy_id`", |it| {
        fill(it, json!({"effective_budget_policy_id": "b-1", "spec": {"budget_policy_id": "b-1"}}));
    }),
    way("usage-policy", "API description: `effective_usage_policy_id`", |it| {
        fill(it, json!({"effective_usage_policy_id": "u-1", "spec": {"usage_policy_id": "u-1"}}));
    }),
    way("environment-version", UNVERIFIED, |it| {
        fill(it, json!({"spec": {"environment": {"environment_version": "3"}}}));
    }),
    way("trigger", UNVERIFIED, |it| fill(it, json!({"spec": {"trigger": {"manual": {}}}}))),
    way("root-path", UNVERIFIED, |it| fill(it, json!({"spec": {"root_path": "/Workspace/Users/octocat@github.com"}}))),
    way("tags", UNVERIFIED, |it| fill(it, json!({"spec": {"tags": {"managed-by": "platform"}}}))),
    way("event-log", UNVERIFIED, |it| fill(it, json!({"spec": {"event_log": {"name": "event_log"}}}))),
    way("deployment", "databricks/cli#6388: set by other programs", |it| {
        fill(it, json!({"spec": {"deployment": {"kind": "BUNDLE", "deployment_id": "d-1"}}}));
    }),
    way("parameters", "API description: beside `spec`; that an empty one returns is unverified", |it| {
        fill(it, json!({"parameters": {}}));
    }),
    way("effective-fields", "API description", |it| {
        let mode = "DEFAULT_PUBLISHING_MODE";
        fill(it, json!({"effective_serverless_compute_id": "s-1", "spec": {"effective_publishing_mode": mode}}));
    }),
    way("run-as-of-the-creator", UNVERIFIED, |it| {
        let name = it["run_as_user_name"].clone();
        fill(it, json!({"run_as": {"user_name": name}}));
    }),
    way("null-fields", UNVERIFIED, |it| {
        fill(it, json!({"parameters": null, "run_as": null}));
        for name in ["catalog", "clusters", "environment", "notifications", "schema", "storage", "target", "trigger"] {
            fill(it, json!({"spec": {name: null}}));
        }
        each_cluster(it, &json!({"autoscale": null, "init_scripts": null, "num_workers": null, "spark_conf": null}));
    }),
    way("empty-fields", UNVERIFIED, |it| {
        let lists = json!({"clusters": [], "libraries": [], "notifications": []});
        let maps = json!({"configuration": {}, "environment": {}, "event_log": {}, "filters": {}, "tags": {}});
        let texts = json!({"budget_policy_id": "", "catalog": "", "schema": "", "target": ""});
        for fields in [lists, maps, texts] {
            fill(&mut it["spec"], fields);
        }
        each_cluster(it, &json!({"custom_tags": {}, "init_scripts": [], "policy_id": "", "ssh_public_keys": []}));
    }),
    way("fields-of-tomorrow", UNVERIFIED, |it| {
        fill(it, json!({"next": 1, "spec": {"next": {"x": [1]}, "environment": {"next": "x"}}}));
        each_cluster(it, &json!({"next": true}));
    }),
];

/// Lists without an order, in another one.
const REORDERED: &[Way] = &[
    way("clusters-reversed", UNVERIFIED, |it| reverse(it, "/spec/clusters")),
    way("libraries-reversed", UNVERIFIED, |it| reverse(it, "/spec/libraries")),
    way("notifications-reversed", UNVERIFIED, |it| reverse(it, "/spec/notifications")),
    way("alerts-reversed", UNVERIFIED, |it| each(it, "/spec/notifications", |one| reverse(one, "/alerts"))),
    way("recipients-reversed", UNVERIFIED, |it| {
        each(it, "/spec/notifications", |one| reverse(one, "/email_recipients"));
    }),
    way("filters-reversed", UNVERIFIED, |it| each(it, "/spec/filters", |list| reverse(list, ""))),
    way("days-reversed", UNVERIFIED, |it| reverse(it, "/spec/restart_window/days_of_week")),
    way("dependencies-reversed", UNVERIFIED, |it| reverse(it, "/spec/environment/dependencies")),
    way("keys-reversed", UNVERIFIED, |it| each(it, "/spec/clusters", |one| reverse(one, "/ssh_public_keys"))),
];

/// Values in another spelling.
const RESPELLED: &[Way] = &[
    way("schemas-in-lower-case", "Unity Catalog keeps them so; that `spec` shows it is unverified", |it| {
        if it.pointer("/spec/catalog").and_then(Value::as_str).is_some_and(|catalog| !catalog.is_empty()) {
            for place in ["schema", "target", "event_log/catalog", "event_log/schema", "event_log/name"] {
                respell(it, &format!("/spec/{place}"), str::to_lowercase);
            }
        }
    }),
    way("choices-in-lower-case", "Terraform provider: their case is ignored", |it| {
        respell(it, "/spec/channel", str::to_lowercase);
        respell(it, "/spec/edition", str::to_lowercase);
        each(it, "/spec/clusters", |one| respell(one, "/autoscale/mode", str::to_lowercase));
    }),
    way("recipients-in-lower-case", UNVERIFIED, |it| {
        each(it, "/spec/notifications", |one| {
            each(one, "/email_recipients", |address| respell(address, "", str::to_lowercase));
        });
    }),
    way("run-as-in-lower-case", UNVERIFIED, |it| {
        each(it, "/run_as", |name| respell(name, "", str::to_lowercase));
    }),
    way("storage-with-dbfs", "the default storage is spelled so", |it| {
        respell(
            it,
            "/spec/storage",
            |text| if text.starts_with('/') { format!("dbfs:{text}") } else { text.to_owned() },
        );
    }),
    way("storage-without-dbfs", UNVERIFIED, |it| {
        respell(it, "/spec/storage", |text| text.trim_start_matches("dbfs:").to_owned());
    }),
    way("storage-without-last-slash", "databricks/cli#5145, of volumes", |it| {
        respell(it, "/spec/storage", |text| text.trim_end_matches('/').to_owned());
    }),
    way("storage-with-last-slash", "databricks/cli#6602, of catalogs", |it| {
        respell(it, "/spec/storage", |text| format!("{}/", text.trim_end_matches('/')));
    }),
    way("paths-without-workspace", "the Workspace API answers so", |it| {
        each_path(it, |text| text.strip_prefix("/Workspace").unwrap_or(text).to_owned());
    }),
    way("paths-with-workspace", UNVERIFIED, |it| {
        each_path(it, |text| format!("/Workspace{}", text.strip_prefix("/Workspace").unwrap_or(text)));
    }),
    way("folders-with-last-slash", UNVERIFIED, |it| respell(it, "/spec/root_path", |text| format!("{text}/"))),
    way("logs-with-dbfs", UNVERIFIED, |it| {
        each(it, "/spec/clusters", |one| {
            respell(one, "/cluster_log_conf/dbfs/destination", |text| {
                format!("dbfs:{}", text.trim_start_matches("dbfs:"))
            });
        });
    }),
    way("numbers-as-texts", UNVERIFIED, |it| {
        scalars(&mut it["spec"], &|value| value.as_number().map(|n| n.to_string().into()));
    }),
    way("numbers-as-floats", UNVERIFIED, |it| {
        scalars(&mut it["spec"], &|value| {
            value.as_i64().and_then(|n| i32::try_from(n).ok()).map(|n| f64::from(n).into())
        });
    }),
    way("booleans-as-texts", UNVERIFIED, |it| {
        scalars(&mut it["spec"], &|value| value.as_bool().map(|flag| flag.to_string().into()));
    }),
    way("texts-as-scalars", UNVERIFIED, |it| {
        each(it, "/spec/tags", parse);
        each(it, "/spec/clusters", |one| each(one, "/spark_conf", parse));
    }),
];

/// Values that say nothing, left out.
const LEFT_OUT: &[Way] = &[
    way("false-left-out", "proto3: the default of a field is not sent", |it| {
        leave_out(&mut it["spec"], &|value| value == &json!(false));
    }),
    way("zero-left-out", "proto3: the default of a field is not sent", |it| {
        leave_out(&mut it["spec"], &|value| value == &json!(0));
    }),
    way("empty-left-out", "proto3: the default of a field is not sent", |it| {
        leave_out(&mut it["spec"], &|value| [json!(""), json!([]), json!({})].contains(value));
    }),
    way("defaults-left-out", UNVERIFIED, |it| {
        leave_out(&mut it["spec"], &|value| [json!("ADVANCED"), json!("CURRENT")].contains(value));
        each(it, "/spec/clusters", |one| leave_out(one, &|value| value == &json!("default")));
    }),
    way("run-as-left-out", "API description: `run_as_user_name` alone", |it| {
        it.as_object_mut().map(|it| it.remove("run_as"));
    }),
];
