use super::*;
use crate::http::settings::Scope;

const LONG: &str = "0123456789abcdef";
const OTHER: &str = "fedcba9876543210";

#[test]
fn tokens_have_a_name_and_a_scope_and_come_from_file_environment_or_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, format!("{OTHER}\n")).unwrap();
    let text = format!(
        "[server]\ntoken = \"old\"\n[server.tokens.dash-board_1]\ntoken_file = {path:?}\nscope = \"read\"\n\
         [server.tokens.ci]\ntoken = \"ci-{LONG}\"\nscope = \"admin\"\n"
    );
    let variables =
        [("DATAINFRA__SERVER__TOKENS__OPS__TOKEN", LONG), ("DATAINFRA__SERVER__TOKENS__OPS__SCOPE", "operate")];
    let config = parse_text(&text, &variables).unwrap();
    let tokens = config.server.tokens();
    let told: Vec<_> = tokens.iter().map(|t| (t.name.as_str(), t.token.expose(), t.scope)).collect();
    let ci = format!("ci-{LONG}");
    assert_eq!(
        told,
        [
            ("default", "old", Scope::Admin),
            ("ci", ci.as_str(), Scope::Admin),
            ("dash-board_1", OTHER, Scope::Read),
            ("ops", LONG, Scope::Operate),
        ]
    );
}

#[test]
fn check_masks_every_token() {
    let variables =
        [("DATAINFRA__SERVER__TOKENS__OPS__TOKEN", LONG), ("DATAINFRA__SERVER__TOKENS__OPS__SCOPE", "operate")];
    let config = parse_text("", &variables).unwrap();
    let shown = format!("{}{config:?}", config.effective_toml());
    assert!(!shown.contains(LONG), "{shown}");
    assert!(shown.contains("[server.tokens.ops]\nscope = \"operate\"  # environment variable"), "{shown}");
    assert!(shown.contains("token = \"***\"  # environment variable DATAINFRA__SERVER__TOKENS__OPS__TOKEN"), "{shown}");
}

#[test]
fn every_mistake_in_a_token_is_told_with_its_key_and_what_would_be_right() {
    let text = format!(
        "[server]\ntoken = \"{OTHER}\"\n\
         [server.tokens.default]\ntoken = \"a-{LONG}\"\nscope = \"read\"\n\
         [server.tokens.\"two words\"]\ntoken = \"b-{LONG}\"\nscope = \"read\"\n\
         [server.tokens.local]\ntoken = \"c-{LONG}\"\nscope = \"read\"\n\
         [server.tokens.short]\ntoken = \"geheim\"\nscope = \"operate\"\n\
         [server.tokens.bare]\n\
         [server.tokens.blank]\ntoken = \"\"\nscope = \"root\"\n\
         [server.tokens.twin]\ntoken = \"{OTHER}\"\nscope = \"read\"\n\
         [server.tokens.one]\ntoken = \"d-{LONG}\"\nscope = \"read\"\n\
         [server.tokens.two]\ntoken = \"d-{LONG}\"\nscope = \"reed\"\ncolour = 1\n"
    );
    let expected = [
        "server.tokens.default: server.token has this name already; give it another name, or leave server.token out",
        "server.tokens.two words: \"two words\" is no name of a token; write 1 to 64 ASCII letters, digits, - and _",
        "server.tokens.local: whoever comes without a token is named local; give the token another name",
        "server.tokens.short.token: the secret has only 6 characters; give one of 16 or more, such as",
        "server.tokens.bare.scope: it is missing; write one of read, operate, admin",
        "server.tokens.bare.token: it is missing; write one of 16 or more characters, or name a file",
        "server.tokens.blank.token: it is missing; write one of 16 or more characters, or name a file",
        "server.tokens.blank.scope: \"root\" is no choice here; write one of read, operate, admin",
        "server.tokens.twin.token: server.token is the same token; give each name a token of its own",
        "server.tokens.two.token: server.tokens.one is the same token; give each name a token of its own",
        "server.tokens.two.scope: \"reed\" is no choice here; write one of read, operate, admin (did you mean read?)",
        "server.tokens.two.colour: unknown key; known here are scope, token, token_file",
    ];
    let told = refused(&text, &[]);
    for expected in expected {
        let found = told.iter().any(|told| told.starts_with("my.toml:") && told.contains(&format!(": {expected}")));
        assert!(found, "{expected}\n{told:#?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for secret in [LONG, OTHER, "geheim"] {
        assert!(!told.join(" ").contains(secret), "secrets never stand in a message");
    }
    let long = "n".repeat(65);
    let told = refused(&format!("[server.tokens.{long}]\ntoken = \"{LONG}\"\nscope = \"read\"\n"), &[]);
    assert!(told.len() == 1 && told[0].contains("is no name of a token"), "{told:?}");
}

#[test]
fn a_token_outside_a_table_of_its_own_is_refused_and_so_is_half_a_token_of_the_environment() {
    let told = refused(&format!("[server.tokens]\nops = \"{LONG}\"\n"), &[]);
    assert_eq!(
        told,
        ["my.toml:2: server.tokens.ops: unknown key; only tables stand here, such as [server.tokens.ops]"]
    );
    let told = refused("", &[("DATAINFRA__SERVER__TOKENS__OPS__TOKEN", LONG)]);
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = "environment variable DATAINFRA__SERVER__TOKENS__OPS__TOKEN: server.tokens.ops.scope: it is missing; \
                    write one of read, operate, admin";
    assert_eq!(told[0], expected);
    let unreadable = "[server.tokens.ops]\ntoken_file = \"/nonexistent/token\"\nscope = \"read\"\n";
    let told = refused(unreadable, &[]);
    assert!(told.len() == 1 && told[0].contains("server.tokens.ops.token_file: cannot read"), "{told:?}");
}

#[test]
fn only_a_token_that_may_change_something_opens_other_addresses_and_any_protects_reads() {
    let token =
        |scope: &str| format!("protect_reads = true\n[server.tokens.ops]\ntoken = \"{LONG}\"\nscope = \"{scope}\"\n");
    let open = "[server]\nlisten = \"0.0.0.0:8080\"\n";
    for scope in ["operate", "admin"] {
        assert!(parse_text(&format!("{open}{}", token(scope)), &[]).is_ok(), "{scope}");
    }
    let told = refused(&format!("{open}{}", token("read")), &[]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("server.listen: 0.0.0.0:8080 can be reached"), "{told:?}");
    assert!(told[0].contains("no token has scope operate or admin; set server.token"), "{told:?}");
    assert!(parse_text(&format!("[server]\n{}", token("read")), &[]).is_ok(), "on loopback");
    let told = refused(&format!("{open}{}", token("rood")), &[]);
    assert_eq!(told.len(), 1, "the token's own problem is told, and not that there is none: {told:?}");
}

#[test]
fn server_token_keeps_its_rules() {
    let short = "protect_reads = true\ntoken = \"x\"\n";
    let config = parse_text(&format!("[server]\n{short}"), &[]).unwrap();
    let tokens = config.server.tokens();
    assert_eq!((tokens.len(), tokens[0].name.as_str(), tokens[0].scope), (1, "default", Scope::Admin));
    let weakness = |text: &str| parse_text(&format!("[server]\n{text}"), &[]).unwrap().server.weakness();
    let open = "listen = \"0.0.0.0:8080\"\n";
    let told = weakness(&format!("{open}{short}")).unwrap();
    assert_eq!(told, "server.token is shorter than 16 characters, and others can reach 0.0.0.0:8080");
    assert_eq!((weakness(short), weakness(&format!("{open}token = \"{LONG}\"\n"))), (None, None));
    assert!(parse_text("[server]\ntoken = \"\"\n", &[]).unwrap().server.tokens().is_empty());
}
