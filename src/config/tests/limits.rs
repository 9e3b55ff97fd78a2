//! What clients may take, as it is configured.

use super::*;

#[test]
fn limits_that_cannot_be_are_told_with_what_would_be_right() {
    let text = "[server]\nmax_connections = 0\nheader_timeout = \"0s\"\nidle_timeout = \"2h\"\nstall_timeout = 30\n\
                request_timeout = \"1h\"\nmax_requests = -1\nwrites_per_minute = \"many\"\n\
                trusted_proxies = [\"10.0.0.1\", \"proxy.example\"]\n\
                cors_origins = [\"https://a.example/\", \"null\"]\n";
    let expected = [
        "2: server.max_connections: 0 is out of range; write 1 to 65536",
        "3: server.header_timeout: \"0s\" is out of range; write 1s to 10m",
        "4: server.idle_timeout: \"2h\" is out of range; write 1s to 1h",
        "5: server.stall_timeout: 30 is not text; write a duration",
        "6: server.request_timeout: \"1h\" is out of range; write 1s to 10m",
        "7: server.max_requests: -1 is out of range; write 1 to 65536",
        "8: server.writes_per_minute: ",
        "9: server.trusted_proxies: \"proxy.example\" is neither an address nor a network; write such as \"10.0.0.5\"",
        "10: server.cors_origins: \"https://a.example/\" is not as browsers write an origin; write \"https://a.example\"",
        "10: server.cors_origins: \"null\" is no origin; write such as \"https://dashboard.example.com\"",
    ];
    let told = refused(text, &[]);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("my.toml:{expected}")), "{told:?} is not {expected:?}");
    }
}

#[test]
fn limits_are_shown_and_lists_come_from_the_environment_as_well() {
    let variables = [
        ("DATAINFRA__SERVER__TRUSTED_PROXIES", "10.1.2.3/8, ::1"),
        ("DATAINFRA__SERVER__CORS_ORIGINS", "https://a.example"),
        ("DATAINFRA__SERVER__WRITES_PER_MINUTE", "0"),
    ];
    let config = parse_text("", &variables).unwrap();
    let frame = &config.server.frame;
    let proxies: Vec<_> = frame.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!((proxies, frame.writes_per_minute), (vec!["10.0.0.0/8".to_owned(), "::1/128".to_owned()], 0));
    assert_eq!(frame.cors_origins, ["https://a.example"]);
    let shown = config.effective_toml().to_string();
    for line in ["max_connections = 1024", "idle_timeout = \"1m 15s\"", "max_requests = 256", "stall_timeout = \"30s\""]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}
