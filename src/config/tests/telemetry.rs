//! `[telemetry]`, and the standard variables beside it.

use super::*;

#[cfg(feature = "otlp")]
#[test]
fn the_standard_variables_serve_and_ours_come_first() {
    let standard = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=geheim"),
        ("OTEL_SERVICE_NAME", "prices"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,service.name=other"),
    ];
    let config = parse_text("[telemetry]\nservice_name = \"from-file\"\n", &standard).unwrap();
    let telemetry = &config.telemetry;
    assert_eq!(telemetry.endpoint.traces().unwrap().as_str(), "http://collector:4318/v1/traces");
    assert_eq!((telemetry.service_name.as_str(), telemetry.resource_attributes.pairs.len()), ("prices", 2));
    assert_eq!(telemetry.headers.0, [("api-key".to_owned(), "geheim".to_owned())]);
    let shown = format!("{}{config:?}", config.effective_toml());
    assert!(shown.contains("OTEL_SERVICE_NAME") && !shown.contains("geheim"), "{shown}");

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "api-key=of-the-file\n").unwrap();
    let ours =
        [("DATAINFRA__TELEMETRY__ENDPOINT", ""), ("DATAINFRA__TELEMETRY__HEADERS_FILE", file.path().to_str().unwrap())];
    let variables: Vec<_> = standard.into_iter().chain(ours).collect();
    let telemetry = parse_text("", &variables).unwrap().telemetry;
    assert!(telemetry.endpoint.0.is_none(), "an empty one of ours turns traces off");
    assert_eq!(telemetry.headers.0[0].1, "of-the-file");
    let empty = [("OTEL_EXPORTER_OTLP_ENDPOINT", " "), ("OTEL_SERVICE_NAME", "")];
    assert_eq!(parse_text("", &empty).unwrap().telemetry.service_name, "data-infrastructure");
}

#[test]
fn every_mistake_is_told_with_what_would_be_right() {
    let text = "[telemetry]\nendpoint = \"collector:4317\"\nheaders = \"geheim\"\ntimeout = \"0s\"\n\
                service_name = \"\"\nresource_attributes = \"a\"\nsample_ratio = 1.5\nprotocol = \"grpc\"\n";
    let problems = refused(text, &[]);
    assert_eq!(problems.len(), 7, "{problems:#?}");
    for (key, right) in [
        ("endpoint", "http://collector:4318"),
        ("headers", "name=value"),
        ("timeout", "1s to 1m"),
        ("service_name", "data-infrastructure"),
        ("resource_attributes", "name=value"),
        ("sample_ratio", "write 0 to 1"),
        ("protocol", ""),
    ] {
        let key = format!("telemetry.{key}: ");
        assert!(problems.iter().any(|problem| problem.contains(&key) && problem.contains(right)), "{key}{problems:#?}");
    }
    assert!(!format!("{problems:?}").contains("geheim"));
    for ratio in ["\"0.5\"", "nan", "-0.1", "true"] {
        assert_eq!(refused(&format!("[telemetry]\nsample_ratio = {ratio}\n"), &[]).len(), 1, "{ratio}");
    }
    let variable = [("DATAINFRA__TELEMETRY__SAMPLE_RATIO", "0.25")];
    assert!((parse_text("", &variable).unwrap().telemetry.sample_ratio - 0.25).abs() < 1e-9);
    assert!((parse_text("[telemetry]\nsample_ratio = 1\n", &[]).unwrap().telemetry.sample_ratio - 1.0).abs() < 1e-9);
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_traces_refuses_an_endpoint() {
    let problems = refused("[telemetry]\nendpoint = \"http://collector:4318\"\n", &[]);
    assert!(problems[0].contains("this build sends no traces"), "{problems:?}");
}
