//! `[telemetry]`: where traces go, and how many.

use std::{fmt, time::Duration};

use url::Url;

use crate::settings::{Section, Wrong, shown};

/// The name of the service where nobody gives another.
const SERVICE: &str = "data-infrastructure";

#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// Without one there are no traces.
    pub endpoint: Endpoint,
    /// Sent with each request, such as the key of a hosted collector.
    pub headers: Headers,
    /// For one request.
    pub timeout: Duration,
    pub service_name: String,
    /// What else is to be known of this service.
    pub resource_attributes: Pairs,
    /// Of the traces that begin here, the part that is recorded: 0 to 1.
    pub sample_ratio: f64,
}

impl TelemetrySettings {
    pub fn read(section: &mut Section) -> Self {
        let endpoint = section.parsed("endpoint", Endpoint::default(), parse_endpoint);
        if endpoint.0.is_some() && !cfg!(feature = "otlp") {
            let right = "leave it empty, or use a build with the feature otlp";
            section.refuse("endpoint", Wrong::new("this build sends no traces", right));
        }
        let resource_attributes = section.parsed("resource_attributes", Pairs::default(), |text| {
            parse_pairs(text).map_err(|wrong| Wrong::new(wrong, "write name=value,name=value"))
        });
        Self {
            endpoint,
            headers: section.parsed_secret("headers", Headers::default(), parse_headers),
            timeout: section.duration("timeout", Duration::from_secs(10), second()..=Duration::from_mins(1)),
            service_name: named(section.parsed("service_name", SERVICE.to_owned(), parse_name), &resource_attributes),
            resource_attributes,
            sample_ratio: section.fraction("sample_ratio", 1.0, 0.0..=1.0),
        }
    }
}

const fn second() -> Duration {
    Duration::from_secs(1)
}

/// The base address of a collector; none: no traces.
#[derive(Clone, Debug, Default)]
pub struct Endpoint(pub Option<Url>);

impl Endpoint {
    /// Where traces are sent: `/v1/traces` below the base, as the specification of OTLP/HTTP has it.
    #[must_use]
    pub fn traces(&self) -> Option<Url> {
        let mut url = self.0.clone()?;
        url.set_path(&format!("{}/v1/traces", url.path().trim_end_matches('/')));
        Some(url)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |url| fmt::Display::fmt(url, f))
    }
}

fn parse_endpoint(text: &str) -> Result<Endpoint, Wrong> {
    let right = "write the base address of an OTLP/HTTP collector such as \"http://collector:4318\", or nothing";
    if text.trim().is_empty() {
        return Ok(Endpoint::default());
    }
    let url: Url = text.trim().parse().map_err(|_| Wrong::new(format!("{} is no address", shown(text)), right))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Wrong::new(format!("{} is no address of HTTP", shown(text)), right));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new(
            "a name or password stands in the address",
            "give it in headers, which are kept secret",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new("a base address ends with its path", right));
    }
    Ok(Endpoint(Some(url)))
}

/// Names with values, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    text: String,
    pub pairs: Vec<(String, String)>,
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Headers whose values nobody is shown.
#[derive(Clone, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked: Vec<String> = self.0.iter().map(|(name, _)| format!("{name}=***")).collect();
        f.write_str(&masked.join(","))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({self})")
    }
}

fn parse_headers(text: &str) -> Result<Headers, Wrong> {
    // The text is a secret and is not repeated.
    let wrong = |wrong: &str| Wrong::new(wrong, "write name=value,name=value, with % and commas as %25 and %2C");
    let pairs = parse_pairs(text).map_err(|_| wrong("it is no list of headers"))?.pairs;
    let is_token = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&b));
    if !pairs.iter().all(|(name, _)| is_token(name)) {
        return Err(wrong("a name in it is no name of a header"));
    }
    if !pairs.iter().all(|(_, value)| value.bytes().all(|byte| (b' '..=b'~').contains(&byte))) {
        return Err(wrong("a value in it is no value of a header"));
    }
    Ok(Headers(pairs))
}

/// `name=value,name=value`, values percent-encoded: the form of the standard variables.
fn parse_pairs(text: &str) -> Result<Pairs, String> {
    let mut pairs = Vec::new();
    for member in text.split(',').map(str::trim).filter(|member| !member.is_empty()) {
        let (name, value) = member.split_once('=').ok_or_else(|| format!("{} has no value", shown(member)))?;
        let (name, value) = (name.trim(), decoded(value.trim()));
        let value = value.ok_or_else(|| format!("{} is not percent-encoded", shown(member)))?;
        if name.is_empty() {
            return Err(format!("{} has no name", shown(member)));
        }
        pairs.push((name.to_owned(), value));
    }
    Ok(Pairs { text: text.trim().to_owned(), pairs })
}

fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn parse_name(text: &str) -> Result<String, Wrong> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Wrong::new("no name is given", format!("write a name such as {SERVICE:?}")));
    }
    Ok(name.to_owned())
}

/// A `service.name` among the attributes counts where the service has no name of its own.
fn named(name: String, attributes: &Pairs) -> String {
    let other = attributes.pairs.iter().find(|(key, _)| key == "service.name");
    other.filter(|_| name == SERVICE).map_or(name, |(_, other)| other.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_below_the_base_address() {
        for (base, traces) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://example.com/otlp/", "https://example.com/otlp/v1/traces"),
            ("https://example.com/otlp", "https://example.com/otlp/v1/traces"),
        ] {
            assert_eq!(parse_endpoint(base).unwrap().traces().unwrap().as_str(), traces);
        }
        assert!(parse_endpoint(" ").unwrap().traces().is_none());
        for text in [
            "collector:4318",
            "grpc://collector:4317",
            "http://",
            "http://u:p@host",
            "http://host?x=1",
            "http://host#x",
        ] {
            assert!(parse_endpoint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pairs_are_percent_decoded_and_keep_their_text() {
        let pairs = parse_pairs(" a=1, service.name = x%2Cy%20z ,,b=%E6%A0%AA").unwrap();
        let expected = [("a", "1"), ("service.name", "x,y z"), ("b", "株")];
        assert_eq!(pairs.pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(parse_pairs(&pairs.to_string()).unwrap(), pairs);
        assert_eq!(named(SERVICE.to_owned(), &pairs), "x,y z");
        assert_eq!(named("mine".to_owned(), &pairs), "mine");
        for text in ["a", "=1", "a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert!(parse_pairs(text).is_err(), "{text}");
        }
    }

    #[test]
    fn headers_show_their_names_alone() {
        let headers = parse_headers("api-key=geheim,x=a%3Db").unwrap();
        assert_eq!(headers.0[1], ("x".to_owned(), "a=b".to_owned()));
        assert_eq!(format!("{headers} {headers:?}"), "api-key=***,x=*** Headers(api-key=***,x=***)");
        for text in ["geheim", "geheim geheim=1", "a=geheim%0Ab", "ä=geheim"] {
            let wrong = parse_headers(text).unwrap_err();
            assert!(!format!("{wrong:?}").contains("geheim"), "{wrong:?}");
        }
    }
}
