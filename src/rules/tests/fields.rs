/// Fields of a workflow, and the findings about them.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("catalog: main, schema: a_b, serverless: true", ""),
    (
        "catalog: a, storage: /x, schema: a, target: b",
        "error exclusive-fields: `catalog` and `storage` exclude each other (keep `catalog` for Unity Catalog, `storage` for Hive)\nerror exclusive-fields: `schema` and `target` exclude each other (keep `schema`; `target` is its former name)",
    ),
    (
        "catalog: main, schema: a, serverless: true, clusters: [{label: default}]",
        "error exclusive-fields: a serverless pipeline has no `clusters` (remove one of the two)",
    ),
    (
        "clusters: [{num_workers: 1, autoscale: {min_workers: 1, max_workers: 2}}]",
        "error exclusive-fields: `autoscale` and `num_workers` exclude each other (remove one of the two)",
    ),
    (
        "clusters: [{autoscale: {min_workers: 2, max_workers: 2}}]",
        "warning autoscale-range: `max_workers` (2) is not larger than `min_workers` (2) (for a fixed size, write `num_workers` instead of `autoscale`)",
    ),
    (
        "continuous: true, trigger: {manual: {}}",
        "warning continuous-trigger: `trigger` has no effect on a continuous pipeline (remove `trigger` or `continuous`)",
    ),
    (
        "storage: mnt/x",
        "error relative-storage: `mnt/x` is not an absolute path (write `/mnt/x`, or a URI such as `abfss://…`)",
    ),
    ("storage: 'abfss://a@b/c'", ""),
    (
        "target: main.shop",
        "error dotted-target: `main.shop` has a dot in it (write `catalog: main` and `schema: shop`)",
    ),
    ("target: a-b", "warning dash-in-target: `a-b` has a dash in it (`a_b` needs no quotes)"),
    ("catalog: main, target: a-b", ""),
    ("catalog: main, schema: a-b", ""),
    ("run_as: {user_name: octocat@github.com}", ""),
    (
        "run_as: {user_name: octocat@github.com, group_name: cats}",
        "error run-as-identity: `run_as` names 2 identities instead of one (keep one of `user_name`, `service_principal_name` and `group_name`)",
    ),
    (
        "run_as: {}",
        "error run-as-identity: `run_as` names 0 identities instead of one (keep one of `user_name`, `service_principal_name` and `group_name`)",
    ),
    (
        "clusters: [{autoscale: {min_workers: 3, max_workers: 2}}]",
        "error autoscale-range: `max_workers` (2) is smaller than `min_workers` (3) (for a fixed size, write `num_workers` instead of `autoscale`)",
    ),
    ("configuration: {a: '{{secrets/scope/key}}', b: '${spark.x}', c: '${env:HOME}', d: 'a$b', e: '$(1)'}", ""),
    (
        "clusters: [{policy_id: 'cluster-policy://small'}]",
        "error foreign-syntax: `cluster-policy://` is the syntax of dbx; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)",
    ),
    (
        "target: '${bundle.target}_x', configuration: {a: '{{ env[\"X\"] }}', b: '${var.schema}', c: '${local.x}', d: '${{ vars.X }}'}, tags: {t: '$(Build.Id)'}",
        "error foreign-syntax: `{{ env[\"X\"] }}` is the syntax of a template engine (Jinja); here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)\nerror foreign-syntax: `${var.schema}` is the syntax of Databricks bundles and Terraform; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)\nerror foreign-syntax: `${local.x}` is the syntax of Terraform; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)\nerror foreign-syntax: `${{ vars.X }}` is the syntax of GitHub Actions, which fills it in only in workflow files; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)\nwarning foreign-syntax: `$(Build.Id)` is the syntax of Azure Pipelines; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)\nerror foreign-syntax: `${bundle.target}` is the syntax of Databricks bundles; here it is deployed as it is written (write the value itself; what differs between environments goes below each environment of the spec)",
    ),
    ("clusters: [{num_workers: 0}, {label: maintenance}]", ""),
    ("clusters: [{num_workers: -1}]", "error bad-value: `num_workers` must not be negative, and is -1 ()"),
    (
        "continuous: true, restart_window: {start_hour: 24, time_zone_id: UTC}",
        "error bad-value: `start_hour` must be from 0 to 23, and is 24 (midnight is `0`)",
    ),
    (
        "restart_window: {start_hour: 3}",
        "warning incompatible-settings: `restart_window` has an effect on continuous pipelines only (add `continuous: true`, or remove it)",
    ),
    ("trigger: {cron: {quartz_cron_schedule: '0 0 6 * * ?', timezone_id: Europe/Kyiv}}", ""),
    (
        "trigger: {cron: {quartz_cron_schedule: '0 6 * * *', timezone_id: europe/kyiv}}",
        "error invalid-cron: Quartz does not take `0 6 * * *`: it has 5 of the 6 or 7 fields: seconds, minutes, hours, day of month, month, day of week, year (write six or seven fields, such as `0 30 6 * * ?` for 6:30 every day)\nerror unknown-time-zone: `europe/kyiv` is no time zone that Java knows (did you mean `Europe/Kyiv`?)",
    ),
    (
        "trigger: {manual: {}, cron: {quartz_cron_schedule: '0 0 6 30 2 ?', timezone_id: PST}}",
        "warning suspicious-cron: `0 0 6 30 2 ?`: it never fires (check the day, the month and the year)\nwarning ambiguous-time-zone: `PST` is `America/Los_Angeles` to one part of Java, and refused by another (write `America/Los_Angeles`, or the region that is meant)\nwarning incompatible-settings: a trigger is `cron` or `manual`, not both (keep one of the two)",
    ),
    ("catalog: main, schema: a, serverless: true, environment: {environment_version: '3'}, event_log: {name: log}", ""),
    (
        "environment: {environment_version: '3'}, event_log: {name: log}",
        "warning incompatible-settings: `environment_version` has an effect on serverless compute only (add `serverless: true`, or remove it)\nwarning incompatible-settings: an event log is published to Unity Catalog, and there is no `catalog` (add `catalog`, or remove `event_log`)",
    ),
    (
        "serverless: true",
        "warning incompatible-settings: a serverless pipeline publishes to Unity Catalog, and there is no `catalog` (add `catalog`)",
    ),
    ("clusters: [{label: default}, {label: updates}, {label: maintenance}]", ""),
    (
        "clusters: [{label: default}, {num_workers: 1}]",
        "warning incompatible-settings: two clusters are `default`: a pipeline has one of each label (merge the two, or give one another `label`)",
    ),
    ("notifications: [{email_recipients: [octocat@github.com], alerts: [on-update-failure]}]", ""),
    (
        "notifications: [{alerts: [on-update-failure]}]",
        "warning incomplete-notification: the notification has no recipient, so it is never sent (add `email_recipients`, or remove the notification)",
    ),
    ("photn: true", "error unknown-field: unknown key `photn` (did you mean `photon`?)"),
];
