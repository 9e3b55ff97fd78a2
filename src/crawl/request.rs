//! One question over HTTP: path, query, headers, and which of them are secret.

use url::Url;

use super::subject::Subject;

/// A `GET`, relative to a client's base address. Has no `Debug`: it carries secrets.
#[derive(Clone, Default)]
pub struct Request {
    path: Vec<String>,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    subject: Option<Subject>,
}

#[derive(Clone)]
struct Pair {
    name: &'static str,
    value: String,
    secret: bool,
}

const MASK: &str = "***";

impl Request {
    /// `path` is appended to the path of the base address; a slash at its end is kept.
    #[must_use]
    pub fn get(path: &str) -> Self {
        let path = path.trim_start_matches('/').split('/').map(str::to_owned).collect();
        Self { path, ..Self::default() }
    }

    /// Appends one segment, percent-encoded whole.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        self.path.push(segment.to_owned());
        self
    }

    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push(Pair { name, value: value.to_string(), secret: false });
        self
    }

    /// A query member that appears in no log and no error. An empty one is left out.
    #[must_use]
    pub fn secret_query(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.query.push(Pair { name, value: value.to_owned(), secret: true });
        }
        self
    }

    /// A header whose value appears in no log and no error. An empty one is left out.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.headers.push(Pair { name, value: value.to_owned(), secret: true });
        }
        self
    }

    /// `name` in lower case, as HTTP/2 wants it.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push(Pair { name, value: value.to_owned(), secret: false });
        self
    }

    /// Says which fetch this is a part of: its answer is kept under that.
    #[must_use]
    pub fn about(mut self, subject: &Subject) -> Self {
        self.subject = Some(subject.clone());
        self
    }

    /// A fetch of its own, unless it was said to be part of one.
    pub(super) fn subject(&self) -> Subject {
        self.subject.clone().unwrap_or_default()
    }

    /// The whole address, secrets included: for the wire only.
    pub(super) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&self.path);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query.iter().map(|p| (p.name, &p.value)));
        }
        url
    }

    /// Name, value and whether it is secret.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, &str, bool)> {
        self.headers.iter().map(|p| (p.name, p.value.as_str(), p.secret))
    }

    /// The address as it may be shown: user info dropped, values of secret members masked.
    pub(super) fn shown(&self, url: &Url) -> Url {
        let mut shown = url.clone();
        // both fail only for addresses that cannot carry user info
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        if self.query.iter().any(|p| p.secret) && url.query().is_some() {
            shown.query_pairs_mut().clear().extend_pairs(url.query_pairs().map(|(name, value)| {
                let secret = self.query.iter().any(|p| p.secret && name == p.name);
                (name, if secret { MASK.into() } else { value })
            }));
        }
        shown
    }

    /// The text without any secret of this request: an upstream may echo what it was sent.
    pub(super) fn masked(&self, text: &str) -> String {
        let secrets = self.query.iter().chain(&self.headers).filter(|p| p.secret);
        secrets.fold(text.to_owned(), |text, pair| text.replace(&pair.value, MASK))
    }

    /// A body without any secret of this request, plain or as an address writes it; it need not be text.
    pub(super) fn masked_body(&self, body: Vec<u8>) -> Vec<u8> {
        let secrets = self.query.iter().chain(&self.headers).filter(|p| p.secret);
        secrets.fold(body, |body, pair| {
            let encoded: String = url::form_urlencoded::byte_serialize(pair.value.as_bytes()).collect();
            let body = without(body, pair.value.as_bytes());
            if encoded == pair.value { body } else { without(body, encoded.as_bytes()) }
        })
    }
}

/// The bytes with the secret masked wherever it stands.
fn without(body: Vec<u8>, secret: &[u8]) -> Vec<u8> {
    let Some(first) = secret.first() else { return body };
    let mut kept = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(next) = body[at..].iter().position(|byte| byte == first) {
        at += next;
        if body[at..].starts_with(secret) {
            kept.extend_from_slice(&body[from..at]);
            kept.extend_from_slice(MASK.as_bytes());
            at += secret.len();
            from = at;
        } else {
            at += 1;
        }
    }
    if from == 0 {
        return body;
    }
    kept.extend_from_slice(&body[from..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_masked_byte_by_byte_and_left_alone_without_a_secret() {
        let request = Request::get("d").secret_query("apikey", "a/b+c").secret_header("x-key", "h3ad");
        let masked = |body: &[u8]| request.masked_body(body.to_vec());
        assert_eq!(masked(b"\xffkey a/b+c,h3ad"), b"\xffkey ***,***");
        assert_eq!(masked(b"?apikey=a%2Fb%2Bc&x"), b"?apikey=***&x");
        assert_eq!(masked(b"h3a nothing"), b"h3a nothing");
        assert_eq!(masked(b""), b"");
    }

    #[test]
    fn the_path_is_appended_to_the_base_and_codes_are_encoded() {
        let base = Url::parse("http://127.0.0.1:9/prefix/").unwrap();
        let url = Request::get("/q/d/l/").query("s", "^nkx").url(&base);
        assert_eq!(url.as_str(), "http://127.0.0.1:9/prefix/q/d/l/?s=%5Enkx");
        let url = Request::get("chart").segment("A/B?C").url(&base);
        assert_eq!(url.as_str(), "http://127.0.0.1:9/prefix/chart/A%2FB%3FC");
    }

    #[test]
    fn a_secret_is_on_the_wire_and_nowhere_else() {
        let base = Url::parse("https://user:word@example.org").unwrap();
        let request = Request::get("d").query("s", "x").secret_query("apikey", "k3y").secret_header("x-key", "h3ad");
        let url = request.url(&base);
        assert!(url.as_str().ends_with("/d?s=x&apikey=k3y"));
        assert_eq!(request.shown(&url).as_str(), "https://example.org/d?s=x&apikey=***");
        assert_eq!(request.masked("bad key k3y or h3ad"), "bad key *** or ***");
    }

    #[test]
    fn an_empty_secret_is_left_out() {
        let base = Url::parse("https://example.org").unwrap();
        assert_eq!(Request::get("d").secret_query("apikey", "").url(&base).as_str(), "https://example.org/d");
    }
}
