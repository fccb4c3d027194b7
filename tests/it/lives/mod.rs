//! Whole lives of pull requests beside neighbours, with a kill at each request: whatever is cut off, the next run goes on,
//! nothing of another is touched, and once the pull request is closed everything is as it was before it.

mod stories;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Ran, Runner, Stage, tally};

/// Requests wait most of the time; the processors are few.
const SIDE_BY_SIDE: usize = 6;
/// Jobs are killed at every twelfth of their requests; `LIVES=1` kills at each, which takes minutes.
const STRIDE: usize = 12;

/// The life of a pull request.
struct Story {
    name: &'static str,
    /// What stands before it, and what it must leave so.
    before: fn() -> Stage,
    /// The pull request has a preview before it, which goes, too.
    has_preview: bool,
    events: &'static [Event],
}

/// Something that happens, and the jobs that it starts one after the other.
struct Event {
    about: &'static str,
    change: fn(&Stage),
    jobs: fn(&Stage) -> Vec<Runner>,
    /// How each of the jobs ends.
    ends: (i32, &'static str),
}

/// What stands in the workspace, without what a run gives by chance.
struct Standing {
    /// Ids of the pipelines by their names.
    ids: BTreeMap<String, String>,
    pipelines: BTreeMap<String, Value>,
    objects: BTreeSet<String>,
    schemas: BTreeMap<String, Value>,
}

impl Standing {
    fn of(stage: &Stage) -> Self {
        let name = |pipeline: &Value| pipeline["spec"]["name"].as_str().unwrap().to_owned();
        let id = |pipeline: &Value| pipeline["pipeline_id"].as_str().unwrap().to_owned();
        let schemas = stage.sandbox.state()["databricks"]["schemas"].as_array().unwrap().clone();
        let full_name = |schema: &Value| schema["full_name"].as_str().unwrap().to_owned();
        Self {
            ids: stage.pipelines().iter().map(|pipeline| (name(pipeline), id(pipeline))).collect(),
            pipelines: stage.pipelines().iter().map(|pipeline| (name(pipeline), pipeline["stored"].clone())).collect(),
            // The folders above those of previews and environments stay, and are empty.
            objects: stage
                .objects()
                .into_iter()
                .filter(|path| !path.ends_with("/previews") && !path.ends_with("/store"))
                .collect(),
            schemas: schemas.into_iter().map(|schema| (full_name(&schema), schema)).collect(),
        }
    }

    /// What there is without the pull request.
    fn without_previews(mut self) -> Self {
        let is_shared = |name: &str| !name.contains("pr42");
        self.pipelines.retain(|name, _| is_shared(name));
        self.objects.retain(|path| is_shared(path));
        self.schemas.retain(|name, _| is_shared(name));
        self.ids.retain(|name, _| is_shared(name));
        self
    }

    /// Tables outside of the schemas of previews, each with its schema.
    fn tables(&self) -> BTreeSet<(String, String)> {
        let shared = self.schemas.iter().filter(|(name, _)| !name.contains("pr42"));
        let tables = |(schema, all): (&String, &Value)| {
            let names: Vec<String> = all["tables"].as_object().unwrap().keys().cloned().collect();
            names.into_iter().map({
                let schema = schema.clone();
                move |name| (schema.clone(), name)
            })
        };
        shared.flat_map(tables).collect()
    }

    fn lines(&self) -> BTreeSet<String> {
        let pipelines = self.pipelines.values().map(Value::to_string);
        let schemas = self.schemas.values().map(Value::to_string);
        pipelines.chain(self.objects.iter().cloned()).chain(schemas).collect()
    }
}

impl Story {
    /// Plays it undisturbed, then once more for each number of requests after which each of its jobs is killed.
    fn play(&self) {
        let most = self.live(None);
        let stride = std::env::var("LIVES").map_or(STRIDE, |stride| stride.parse().unwrap());
        // Each story begins elsewhere, so that together they are killed at most of them.
        let next = AtomicUsize::new(self.name.len() % stride);
        let work = || {
            while let Some(kill) = Some(next.fetch_add(stride, Ordering::SeqCst)).filter(|kill| *kill < most) {
                self.live(Some(kill));
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                worker.join().unwrap();
            }
        });
        tally(
            &format!("life-{}", self.name),
            &format!("{} events, killed at up to {most} requests", self.events.len()),
        );
    }

    /// Lives it through, each job killed at its request number `kill` and run again; gives the most requests of a job.
    fn live(&self, kill: Option<usize>) -> usize {
        let stage = (self.before)();
        let (before, mut most) = (Standing::of(&stage), 0);
        let before = if self.has_preview { before.without_previews() } else { before };
        let mut tables = before.tables();
        for event in self.events {
            let place = format!("{}: {}, killed at {kill:?}", self.name, event.about);
            (event.change)(&stage);
            for index in 0..(event.jobs)(&stage).len() {
                let job = || (event.jobs)(&stage).remove(index);
                if let Some(kill) = kill {
                    killed(&stage, &job(), kill);
                }
                stage.control("DELETE", "log", &Value::Null);
                let ran = stage.run(&job());
                // What was killed after its last write is complete.
                let complete = kill.is_some() && (ran.code, ran.output("result")) == (0, "unchanged");
                let ends = if complete && event.ends == (0, "deployed") { (0, "unchanged") } else { event.ends };
                assert_eq!((ran.code, ran.output("result")), ends, "{place}\n{}\n{}", ran.stderr, ran.stdout);
                most = most.max(stage.sent().len());
                assert_told(&ran, &stage, &place);
                let now = Standing::of(&stage);
                let gone: Vec<_> = before.ids.iter().filter(|(name, id)| now.ids.get(*name) != Some(*id)).collect();
                assert!(gone.is_empty(), "{place}: what stood before is gone: {gone:?}");
                let lost: Vec<_> = tables.difference(&now.tables()).cloned().collect();
                assert!(lost.is_empty(), "{place}: tables of shared pipelines are dropped: {lost:?}");
                filled(&stage);
                tables = Standing::of(&stage).tables();
            }
        }
        let mut after = Standing::of(&stage);
        // What was deployed from `main` keeps its old objects until a sweep.
        let kept: Vec<String> = after.objects.difference(&before.objects).cloned().collect();
        kept.iter().filter(|path| path.contains("/dev/")).for_each(|path| _ = after.objects.remove(path));
        // So does a schema that its update made, with its tables.
        after.schemas.retain(|name, schema| before.schemas.contains_key(name) || !schema["properties"].is_null());
        let (after, before) = (after.lines(), before.lines());
        let changed: Vec<_> = after.symmetric_difference(&before).collect();
        assert!(changed.is_empty(), "{}, killed at {kill:?}: {changed:#?}", self.name);
        most
    }
}

/// Starts a job and kills it at its request number `kill`, whose effect stays; one with fewer requests ends by itself.
fn killed(stage: &Stage, job: &Runner, kill: usize) {
    stage.control("POST", "faults", &json!({"action": "hang", "when": "after", "skip": kill}));
    let mut child = job.start();
    let started = Instant::now();
    let waiting = |stage: &Stage| !stage.control("GET", "faults", &Value::Null).as_array().unwrap().is_empty();
    while waiting(stage) && child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_mins(2), "neither the request nor the end came");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Requests that were sent side by side with that one take effect, too.
    drop(child.kill());
    child.wait().unwrap();
    stage.control("DELETE", "faults", &Value::Null);
}

/// What the report says of a pipeline is so, row by row.
fn assert_told(ran: &Ran, stage: &Stage, place: &str) {
    let standing: Vec<Value> = stage.pipelines().iter().map(|pipeline| pipeline["pipeline_id"].clone()).collect();
    for row in ran.report["workflows"].as_array().into_iter().flatten() {
        assert!(row["status"] != "failed" || ran.code != 0, "{place}: {row}");
        if row["status"] == "done" && row["pipeline_id"].is_string() {
            assert_eq!(standing.contains(&row["pipeline_id"]), row["change"] != "destroy", "{place}: {row}");
        }
    }
}

/// What an update of each pipeline makes: a table in its schema, beside those that are there.
fn filled(stage: &Stage) {
    let mut tables: BTreeMap<String, serde_json::Map<String, Value>> = BTreeMap::new();
    for schema in stage.sandbox.state()["databricks"]["schemas"].as_array().unwrap() {
        let held = schema["tables"].as_object().unwrap().clone();
        tables.insert(schema["full_name"].as_str().unwrap().to_owned(), held);
    }
    for pipeline in stage.pipelines() {
        let spec = &pipeline["spec"];
        let (Some(catalog), Some(schema)) = (spec["catalog"].as_str(), spec["schema"].as_str()) else { continue };
        let name = spec["name"].as_str().unwrap().to_owned();
        tables.entry(format!("{catalog}.{schema}")).or_default().insert(name, pipeline["pipeline_id"].clone());
    }
    for (schema, tables) in tables {
        stage.control("PUT", &format!("databricks/schemas/{schema}"), &json!({"tables": tables}));
    }
}
