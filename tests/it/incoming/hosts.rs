//! Addresses that the repository names, redirects, proxies and certificates: no credential is sent elsewhere.

use std::io::Write;
use std::sync::Arc;

use dltflow::host::Host;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::peer::{Peer, head, reply};
use crate::support::{DATABRICKS_TOKEN, GITHUB_TOKEN, Runner, Stage, tally};

const SPEC: &str = "workflows/orders.yml";
const PROJECT: &str = "dltflow.yml";

/// A change to the orders, and `dltflow.yml` with `host`, if there is one.
pub(super) fn stage(host: Option<&str>) -> Stage {
    let stage = Stage::new();
    stage.repo.branch("change").replace(SPEC, "max_workers: 2", "max_workers: 4");
    name_host(&stage, host);
    stage.repo.commit("change");
    stage
}

fn name_host(stage: &Stage, host: Option<&str>) {
    let named = host.map(|host| format!("      host: {}\n", serde_json::Value::from(host))).unwrap_or_default();
    let text = stage.repo.read(PROJECT);
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("      host: ")).collect();
    let at = 1 + lines.iter().position(|line| *line == "    workspace:").unwrap();
    lines.insert(at, named.trim_end_matches('\n'));
    stage.repo.write(PROJECT, lines.join("\n").replace("\n\n", "\n") + "\n");
}

pub(super) fn bounded(runner: &mut Runner) -> &mut Runner {
    runner.bounded(500, 60).input("timeout", "2s")
}

/// How the run of a spelling ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    /// It is the address itself.
    Deployed,
    /// It is another one.
    Other,
    /// It is none, or more than one.
    NoHost,
}

/// How a repository may spell a host, where `trusted` is the address of the workspace.
fn spellings(trusted: &str, evil: &Peer) -> Vec<(String, Ends)> {
    let bad = &evil.address;
    let port = trusted.rsplit(':').next().unwrap();
    vec![
        (trusted.to_owned(), Ends::Deployed),
        (format!("{trusted}/"), Ends::Deployed),
        (trusted.replace("http", "HTTP"), Ends::Deployed),
        (format!("  {trusted} "), Ends::Deployed),
        (format!("http://127.1:{port}"), Ends::Deployed),
        (format!("http://0x7f.0.0.1:{port}"), Ends::Deployed),
        (format!("http://2130706433:{port}"), Ends::Deployed),
        (format!("http://localhost:{port}"), Ends::Other),
        (format!("http://[::1]:{port}"), Ends::Other),
        (format!("https://127.0.0.1:{port}"), Ends::Other),
        (format!("http://{bad}"), Ends::Other),
        (format!("127.0.0.1:{}", evil.port()), Ends::Other),
        (trusted.replace("http://127.0.0.1", "http://127.0.0.2"), Ends::Other),
        ("https://good.example.evil.example".to_owned(), Ends::Other),
        ("https://xn--80ak6aa92e.example".to_owned(), Ends::Other),
        ("https://аррӏе.example".to_owned(), Ends::Other),
        ("https://169.254.169.254".to_owned(), Ends::Other),
        (format!("http://127.0.0.1:{port}@{bad}"), Ends::NoHost),
        (format!("http://{bad}@127.0.0.1:{port}"), Ends::NoHost),
        (format!("{trusted}/path"), Ends::NoHost),
        (format!("{trusted}?{bad}"), Ends::NoHost),
        (format!("{trusted}#@{bad}"), Ends::NoHost),
        (format!("http://{bad}\\@127.0.0.1:{port}"), Ends::NoHost),
        (format!("http:\\\\{bad}"), Ends::NoHost),
        (format!("{trusted}\r\nhost: {bad}"), Ends::NoHost),
        (format!("http://127.0.0.1:\n{port}"), Ends::NoHost),
        (format!("http://127.0.0.1 :{port}"), Ends::NoHost),
        ("http://evil.example".to_owned(), Ends::NoHost),
        ("http://127.0.0.1.evil.example".to_owned(), Ends::NoHost),
        ("http://0.0.0.0".to_owned(), Ends::NoHost),
        ("file:///etc/passwd".to_owned(), Ends::NoHost),
        ("ftp://127.0.0.1".to_owned(), Ends::NoHost),
        ("unix:///var/run/docker.sock".to_owned(), Ends::NoHost),
        ("javascript:alert(1)".to_owned(), Ends::NoHost),
        ("https://".to_owned(), Ends::NoHost),
        ("https://%00.example".to_owned(), Ends::NoHost),
        (String::new(), Ends::NoHost),
    ]
}

#[test]
fn a_host_in_the_repository_is_the_trusted_one_in_any_spelling_or_nothing_is_sent() {
    let evil = Peer::evil();
    let stage = stage(None);
    let trusted = stage.sandbox.databricks_url().to_owned();
    let bad = &evil.address;
    let spellings = spellings(&trusted, &evil);
    let mut count = 0;
    for (host, ends) in &spellings {
        name_host(&stage, Some(host));
        let mut runner = stage.on_pull_request("opened", 42, "change");
        runner.set("SOME_HOST", bad);
        let ran = stage.run(&runner);
        let error = &ran.report["error"].to_string();
        match ends {
            Ends::Deployed => assert_eq!(ran.code, 0, "{host}: {}", ran.stderr),
            Ends::Other => assert!(ran.code == 2 && error.contains("nothing was sent"), "{host}: {}", ran.stderr),
            Ends::NoHost => {
                assert!(ran.code == 2 && error.contains("is not valid"), "{host:?}: {}", ran.stderr);
                assert!(ran.report["findings"].to_string().contains("bad-value"), "{host}: {}", ran.report);
            }
        }
        let requests = stage.requests();
        assert!((*ends == Ends::Deployed) != requests.is_empty(), "{host}: {requests:?}");
        count += 1;
    }
    // On a push as well; a fork's pull request is checked without anybody being asked.
    name_host(&stage, Some(&format!("http://{bad}")));
    stage.repo.commit("elsewhere");
    stage.run(&stage.on_push("refs/heads/change", None)).ended(0, "skipped");
    stage.repo.git(&["checkout", "--quiet", "-B", "main", "change"]);
    stage.run(&stage.on_push("refs/heads/main", None)).ended(2, "failed");
    let mut fork = stage.on_pull_request("opened", 42, "change");
    fork.payload("/pull_request/head/repo/full_name", "octocat/shop".into());
    stage.run(&fork).ended(0, "checked");
    let mut alone = stage.on_pull_request("opened", 42, "change");
    stage.run(alone.unset("DATABRICKS_HOST")).ended(2, "failed");
    assert_eq!((stage.requests(), evil.heard()), (Vec::new(), String::new()));
    tally("incoming-hosts", &format!("{} spellings and sources of the workspace's address", count + 4));
}

#[test]
fn an_address_is_compared_in_one_form() {
    let host = |text: &str| Host::parse(text).map(|host| host.to_string());
    for same in [
        "https://dbc-1.cloud.example",
        "dbc-1.cloud.example",
        "https://DBC-1.Cloud.Example/",
        "https://dbc-1.cloud.example:443",
        "HTTPS://dbc-1.cloud.example:443/",
        "https://dbc-1.cloud.ex%61mple",
        "https://ｄbc-1.cloud.example",
        "https:///dbc-1.cloud.example",
    ] {
        assert_eq!(host(same).as_deref(), Ok("https://dbc-1.cloud.example"), "{same}");
    }
    for other in ["https://dbc-1.cloud.example:8443", "https://dbc-1.cloud.example.", "https://dbс-1.cloud.example"] {
        assert_ne!(host(other).as_deref(), Ok("https://dbc-1.cloud.example"), "{other}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_its_target_hears_nothing() {
    let evil = Peer::evil();
    let statuses = [301, 302, 307, 308];
    for status in statuses {
        let moved = || Peer::saying(reply(status, &format!("location: http://{}/x\r\n", evil.address), ""));
        let stage = stage(None);
        let workspace = moved();
        let mut runner = stage.on_pull_request("opened", 42, "change");
        let ran = stage.run(runner.set("DATABRICKS_HOST", &format!("http://{}", workspace.address)));
        assert_eq!(ran.code, 6, "{}", ran.stderr);
        assert!(ran.stderr.contains("a redirect came back, which is not followed"), "{}", ran.stderr);
        assert!(workspace.heard().contains(DATABRICKS_TOKEN) && !workspace.heard().contains(GITHUB_TOKEN));
        let github = moved();
        let mut runner = stage.on_pull_request("opened", 42, "change");
        let ran = stage.run(runner.set("GITHUB_API_URL", &format!("http://{}/api/v3", github.address)));
        // Only GitHub knows what changed: not knowing it, the run looks at everything.
        ran.ended(0, "deployed");
        assert!(ran.report["notes"].to_string().contains(&format!("HTTP {status}")), "{}", ran.report);
        assert!(github.heard().contains(GITHUB_TOKEN) && !github.heard().contains(DATABRICKS_TOKEN));
    }
    assert_eq!(evil.heard(), "");
    tally("incoming-redirects", &format!("{} redirects of two services", 2 * statuses.len()));
}

#[test]
fn the_address_of_github_comes_from_the_runner_alone() {
    let evil = Peer::evil();
    let url = format!("http://{}", evil.address);
    let stage = stage(None);
    let mut runner = stage.on_pull_request("opened", 42, "change");
    for input in ["github-api-url", "api-url", "github_api_url"] {
        runner.input(input, &url);
    }
    runner.payload("/repository/full_name", "octocat/evil".into());
    runner.payload("/pull_request/base/repo/name", url.clone().into());
    stage.run(&runner).ended(0, "deployed");
    stage.repo.write(PROJECT, stage.repo.read(PROJECT) + &format!("github: {{api_url: \"{url}\"}}\n"));
    let ran = stage.run(&stage.on_pull_request("opened", 42, "change"));
    ran.ended(2, "failed");
    assert!(ran.stderr.contains("unknown key `github`"), "{}", ran.stderr);
    for address in ["http://evil.example", "file:///etc", "https://user:pw@evil.example", "::"] {
        let mut runner = stage.on_pull_request("opened", 42, "change");
        let ran = stage.run(runner.set("GITHUB_API_URL", address));
        assert!(ran.code == 2 && ran.stderr.contains("`GITHUB_API_URL`"), "{address}: {}", ran.stderr);
    }
    assert_eq!(evil.heard(), "");
}

#[test]
fn proxies_of_the_environment_are_used_and_tunnels_carry_no_token() {
    const FAR: &str = "https://dbc-1.workspace.invalid";
    const NEAR: &str = "http://127.0.0.9:9";
    const TUNNEL: &str = "CONNECT dbc-1.workspace.invalid:443 HTTP/1.1";
    let cases: [(&[&str], &str, &str); 9] = [
        (&["HTTPS_PROXY"], FAR, TUNNEL),
        (&["https_proxy"], FAR, TUNNEL),
        (&["ALL_PROXY"], FAR, TUNNEL),
        (&["HTTP_PROXY"], FAR, ""),
        (&["HTTPS_PROXY", "NO_PROXY=workspace.invalid"], FAR, ""),
        (&["HTTPS_PROXY", "NO_PROXY=*"], FAR, ""),
        (&["HTTPS_PROXY", "NO_PROXY=other.invalid"], FAR, TUNNEL),
        (&["HTTP_PROXY"], NEAR, "GET http://127.0.0.9:9/api/2.0/preview/scim/v2/Me"),
        (&["HTTP_PROXY", "NO_PROXY=127.0.0.0/8"], NEAR, ""),
    ];
    let check = |variables: &[&str], host: &str, asked: &str| {
        let (stage, proxy) = (stage(None), Peer::saying(reply(502, "", "")));
        let mut runner = stage.on_pull_request("opened", 42, "change");
        bounded(&mut runner).set("DATABRICKS_HOST", host);
        // GitHub is not the subject of this test.
        runner.input("github-token", "");
        for variable in variables {
            let address = format!("http://{}", proxy.address);
            let (name, value) = variable.split_once('=').unwrap_or((variable, &address));
            runner.set(name, value);
        }
        let ran = stage.run(&runner);
        assert_eq!(ran.code, 4, "{variables:?}: {}", ran.stderr);
        let heard = proxy.heard();
        assert!(heard.starts_with(asked) && heard.is_empty() == asked.is_empty(), "{variables:?}: {heard}");
        assert!(!heard.starts_with("CONNECT") || !heard.contains(DATABRICKS_TOKEN), "{heard}");
    };
    std::thread::scope(|scope| {
        for (variables, host, asked) in cases {
            scope.spawn(move || check(variables, host, asked));
        }
    });
    tally("incoming-proxies", &format!("{} settings of proxies", cases.len()));
}

/// A certificate of `127.0.0.1`, signed by itself, and its key: `openssl req -x509 -newkey ec -pkeyopt
/// ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=loopback -addext subjectAltName=IP:127.0.0.1 -addext
/// basicConstraints=critical,CA:FALSE`
const CERTIFICATE: &str = "tests/corpora/hosts/certificate.pem";
const KEY: &str = "tests/corpora/hosts/key.pem";

/// Speaks TLS with that certificate; what it hears is what came through.
fn encrypted() -> Peer {
    let certificate = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::from_pem_file(KEY).unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    Peer::raw(move |stream, heard| {
        let mut connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, stream);
        heard.lock().unwrap().extend(head(&mut tls));
        drop(tls.write_all(reply(401, "content-type: application/json\r\n", "{}").as_bytes()));
    })
}

#[test]
fn a_certificate_has_to_be_trusted_and_to_name_the_host() {
    let refused = "invalid peer certificate";
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trusted = file("roots.pem", &std::fs::read_to_string(CERTIFICATE).unwrap());
    let garbage = file("garbage.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    for (name, roots, code, words) in [
        ("127.0.0.1", None, 4, refused),
        ("127.0.0.1", Some(trusted.as_str()), 6, "HTTP 401"),
        ("localhost", Some(&trusted), 4, refused),
        ("127.0.0.1", Some(&garbage), 2, "`SSL_CERT_FILE` does not contain valid PEM certificates"),
        ("127.0.0.1", Some("/nowhere.pem"), 2, "cannot read `SSL_CERT_FILE` (`/nowhere.pem`)"),
        ("127.0.0.1", Some("/nowhere.pem"), 2, "the action runs in a container, which has only the workspace"),
    ] {
        let (stage, server) = (stage(None), encrypted());
        let mut runner = stage.on_pull_request("opened", 42, "change");
        bounded(&mut runner).set("DATABRICKS_HOST", &format!("https://{name}:{}", server.port()));
        roots.map(|roots| runner.set("SSL_CERT_FILE", roots));
        let ran = stage.run(&runner);
        assert!(ran.code == code && ran.stderr.contains(words), "{name} {roots:?}: {}", ran.stderr);
        assert_eq!(server.heard().contains(DATABRICKS_TOKEN), code == 6, "{name} {roots:?}: {}", server.heard());
    }
}
