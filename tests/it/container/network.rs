//! The way to the services: proxies, and certificates of one's own. As a bare process too, where no image is needed.

use super::{Image, opened, preview};
use crate::support::{Proxy, Ran, Runner, Stage, Tls};

/// Runs the same step as a bare process and in a container, each on a stage of its own.
fn both(step: impl Fn(&Stage) -> Runner, check: impl Fn(&Stage, &Ran)) {
    let stage = opened();
    check(&stage, &stage.run(&step(&stage)));
    let Some(image) = Image::given() else { return };
    let stage = opened();
    let ran = image.run(&stage, &mut step(&stage));
    check(&stage, &ran);
}

/// A variable as the runner hands on those of its own proxy: in both cases.
fn set(runner: &mut Runner, name: &str, value: &str) {
    runner.set(name, value).set(&name.to_lowercase(), value);
}

#[test]
fn requests_take_the_proxy_that_is_set_also_to_loopback() {
    let proxy = Proxy::start();
    let step = |stage: &Stage| {
        let mut runner = preview(stage);
        set(&mut runner, "HTTP_PROXY", &proxy.url());
        runner
    };
    both(step, |stage, ran| {
        ran.ended(0, "deployed");
        for service in [stage.sandbox.databricks_url(), stage.sandbox.github_url()] {
            assert!(proxy.asked().iter().any(|head| head.contains(&format!(" {service}/"))), "{:?}", proxy.asked());
        }
    });
}

#[test]
fn no_proxy_names_what_is_reached_without_it() {
    let proxy = Proxy::start();
    let step = |stage: &Stage| {
        let mut runner = preview(stage);
        set(&mut runner, "HTTP_PROXY", &proxy.url());
        set(&mut runner, "HTTPS_PROXY", &proxy.url());
        set(&mut runner, "NO_PROXY", "localhost,127.0.0.1");
        runner
    };
    both(step, |_, ran| {
        ran.ended(0, "deployed");
        assert_eq!(proxy.asked(), Vec::<String>::new());
    });
}

#[test]
fn an_encrypted_request_is_tunnelled_and_shows_the_proxy_no_token() {
    let proxy = Proxy::start();
    let step = |stage: &Stage| {
        let mut runner = preview(stage);
        set(&mut runner, "HTTPS_PROXY", &proxy.url());
        runner.set("DATABRICKS_HOST", "https://workspace.invalid");
        runner
    };
    both(step, |_, ran| {
        ran.ended(4, "failed");
        assert!(ran.stderr.contains("cannot connect to `workspace.invalid`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("`HTTPS_PROXY`"), "{}", ran.stderr);
        let asked = proxy.asked();
        assert!(!asked.is_empty(), "the proxy was passed by");
        for head in asked {
            assert!(head.starts_with("CONNECT workspace.invalid:443 "), "{head}");
            assert!(!head.to_lowercase().contains("\nauthorization:"), "{head}");
        }
    });
}

#[test]
fn certificates_of_an_authority_in_ssl_cert_file_are_trusted() {
    let tls = Tls::new();
    let step = |stage: &Stage| {
        let mut runner = preview(stage);
        runner.set("DATABRICKS_HOST", &tls.before(stage.sandbox.databricks_url()));
        runner.set("GITHUB_API_URL", &tls.before(stage.sandbox.github_url()));
        let roots = runner.file("runner_temp/roots.pem");
        std::fs::write(&roots, tls.pem()).unwrap();
        runner.set("SSL_CERT_FILE", roots.to_str().unwrap());
        runner
    };
    both(step, |stage, ran| {
        ran.ended(0, "deployed");
        assert_eq!(stage.comments(42).len(), 1);
    });
}

#[test]
fn certificates_of_an_unknown_authority_are_refused_and_the_variable_is_named() {
    let tls = Tls::new();
    for (service, code) in [("DATABRICKS_HOST", 4), ("GITHUB_API_URL", 0)] {
        let step = |stage: &Stage| {
            let mut runner = preview(stage);
            let urls =
                [("DATABRICKS_HOST", stage.sandbox.databricks_url()), ("GITHUB_API_URL", stage.sandbox.github_url())];
            let (_, url) = urls.into_iter().find(|(name, _)| *name == service).unwrap();
            runner.set(service, &tls.before(url));
            runner
        };
        both(step, |_, ran| {
            assert_eq!(ran.code, code, "{service}: {}", ran.stderr);
            assert!(ran.stderr.contains("invalid peer certificate: UnknownIssuer"), "{service}: {}", ran.stderr);
            assert!(ran.stderr.contains("`SSL_CERT_FILE`"), "{service}: {}", ran.stderr);
        });
    }
}
