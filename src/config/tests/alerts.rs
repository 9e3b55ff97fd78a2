use std::time::Duration;

use super::*;
use crate::alerts::Event;
use crate::alerts::settings::{Format, HookSettings};

fn hook(config: &Config, name: &str) -> HookSettings {
    config.alerts.hooks[name].clone()
}

#[test]
fn there_is_no_hook_by_default_and_a_url_makes_one() {
    assert!(parse_text("", &[]).unwrap().alerts.hooks.is_empty());
    let config = parse_text("[alerts.ops]\nurl = \"https://example.com/hook\"\n", &[]).unwrap();
    let ops = hook(&config, "ops");
    assert_eq!(ops.url.expose().unwrap().as_str(), "https://example.com/hook");
    assert_eq!((ops.format, ops.secret.is_none(), ops.events.as_slice()), (Format::Json, true, &Event::ALL[..]));
    assert_eq!((ops.timeout.as_secs(), ops.max_attempts, ops.retry_backoff.as_secs()), (10, 8, 10));
    assert_eq!((ops.repeat_after.as_secs(), ops.late_after.as_secs()), (4 * 3600, 300));
}

#[test]
fn hooks_come_from_the_environment_too_and_over_the_file() {
    let text = "[alerts.ops]\nurl = \"https://example.com/hook\"\nmax_attempts = 3\n";
    let variables = [
        ("DATAINFRA__ALERTS__OPS__URL", "https://other.example/x"),
        ("DATAINFRA__ALERTS__OPS__EVENTS", "failed, lost"),
        ("DATAINFRA__ALERTS__NIGHT__URL", "http://127.0.0.1:9/slack"),
        ("DATAINFRA__ALERTS__NIGHT__FORMAT", "slack"),
        ("DATAINFRA__ALERTS__NIGHT__REPEAT_AFTER", "1d"),
    ];
    let config = parse_text(text, &variables).unwrap();
    let (ops, night) = (hook(&config, "ops"), hook(&config, "night"));
    assert_eq!(ops.url.expose().unwrap().host_str(), Some("other.example"));
    assert_eq!((ops.max_attempts, ops.events), (3, vec![Event::Failed, Event::Lost]));
    assert_eq!((night.format, night.repeat_after), (Format::Slack, Duration::from_hours(24)));
    assert_eq!(config.alerts.hooks.len(), 2);
}

#[test]
fn the_address_and_the_key_of_a_hook_are_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "https://hooks.example.com:444/services/geheim?token=geheim\n").unwrap();
    let path = path.to_str().unwrap();
    let variables = [("DATAINFRA__ALERTS__OPS__URL_FILE", path), ("DATAINFRA__ALERTS__OPS__SECRET", "geheim")];
    let config = parse_text("", &variables).unwrap();
    let shown = format!("{}{config:?}{:#?}", config.effective_toml(), config.alerts);
    assert!(!shown.contains("geheim"), "{shown}");
    assert!(
        shown.contains("url = \"https://hooks.example.com:444/***\"") && shown.contains("secret = \"***\""),
        "{shown}"
    );
    assert!(hook(&config, "ops").url.expose().unwrap().path().contains("geheim"));
    // The shown text is a configuration again.
    assert!(parse_text(&config.effective_toml().to_string(), &[]).is_ok());
}

#[test]
fn every_mistake_of_a_hook_is_told_with_what_would_be_right() {
    let text = r#"
[alerts."ops team"]
url = "https://example.com/geheim"
[alerts.a]
format = "json"
[alerts.b]
url = "hooks.example.com/geheim"
[alerts.c]
url = "ftp://example.com/geheim"
format = "slak"
events = ["failed", "latte", "failed"]
timeout = "2m"
max_attempts = 0
retry_backoff = "soon"
repeat_after = "31d"
late_after = "0s"
[alerts.d]
url = "http://example.com"
events = []
urgent = true
"#;
    let expected = [
        "2: alerts.ops team: \"ops team\" is no name of a hook; name it by 1 to 64 ASCII letters, digits, - and _",
        "4: alerts.a.url: it is missing; write the address, or name a file that holds it with url_file",
        "7: alerts.b.url: the text is no URL: relative URL without a base; write a URL such as",
        "9: alerts.c.url: the URL is neither http nor https; write a URL such as",
        "10: alerts.c.format: \"slak\" is no choice here; write one of json, slack (did you mean slack?)",
        "11: alerts.c.events: \"latte\" is no event; write some of failed, partial, lost, late, recovered, stale (did you mean late?)",
        "11: alerts.c.events: failed is named twice; write some of",
        "12: alerts.c.timeout: \"2m\" is out of range; write 1ms to 1m",
        "13: alerts.c.max_attempts: 0 is out of range; write 1 to 20",
        "14: alerts.c.retry_backoff: \"soon\" is no duration",
        "15: alerts.c.repeat_after: \"31d\" is out of range; write 0s to 30d",
        "16: alerts.c.late_after: \"0s\" is out of range; write 1s to 1d",
        "19: alerts.d.events: no event is named, so nothing would ever be told; write some of",
        "20: alerts.d.urgent: unknown key",
    ];
    let told = refused(text, &[]);
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("my.toml:{expected}")), "told {told}\nnot  {expected}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    assert!(!told.join(" ").contains("geheim"), "{told:#?}");
    assert!(refused("alerts = 5", &[])[0].contains("write its keys below [alerts]"));
    assert!(
        refused("alerts.ops = 5", &[])[0]
            .contains("alerts.ops: unknown key; only tables stand here, such as [alerts.ops]")
    );
    assert!(
        refused("", &[("DATAINFRA__ALERTS__OPS__URL", "")])[0]
            .contains("DATAINFRA__ALERTS__OPS__URL: alerts.ops.url: it is missing")
    );
    assert!(
        refused("[alerts.ops]\nurl_file = \"/nonexistent/url\"\n", &[])[0].contains("alerts.ops.url_file: cannot read")
    );
}

/// The repository's file shows a hook in comments, since there is none by default: uncommented it gives the defaults.
#[test]
fn the_repository_s_file_shows_every_key_of_a_hook_in_comments() {
    let file = include_str!("../../../config.toml");
    let example: Vec<&str> = file
        .lines()
        .skip_while(|line| *line != "# [alerts.ops]")
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = ")))
        .filter(|line| !line.contains("_file = "))
        .collect();
    let config = parse_text(&example.join("\n"), &[]).unwrap();
    let entries: Vec<_> =
        config.effective_toml().entries().iter().filter(|entry| entry.section[0] == "alerts").collect();
    assert_eq!(entries.len(), 9);
    assert!(entries.iter().all(|entry| matches!(entry.place, Place::File { .. })), "{entries:#?}");
    let least = parse_text("[alerts.ops]\nurl = \"https://hooks.example.com/services/T0/B0/x\"\n", &[]).unwrap();
    assert_eq!(format!("{:?}", config.alerts), format!("{:?}", least.alerts));
    assert!(file.contains("# url_file = \"/run/secrets/datainfra_ops_url\"") && file.contains("# secret_file = "));
}
