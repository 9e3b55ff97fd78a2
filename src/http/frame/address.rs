//! Addresses that nothing here can have.

use axum::{extract::Request, http::Uri, middleware::Next, response::Response};

use crate::{
    http::problem::{Answer, Problem},
    told,
    told::Told,
};

/// Of path and query together.
const LONGEST: usize = 8 * 1024;
/// Of a parameter's name that is told back.
const LONGEST_NAME: usize = 64;

/// 400 for what is too long, holds a NUL, or is no UTF-8: no handler and no database meets it.
pub async fn judge(request: Request, next: Next) -> Answer<Response> {
    check(request.uri())?;
    Ok(next.run(request).await)
}

fn check(address: &Uri) -> Answer<()> {
    let (path, query) = (address.path(), address.query().unwrap_or_default());
    if path.len() + query.len() > LONGEST {
        let param = if path.len() > LONGEST { "path" } else { "query" };
        let message = told!("the address is longer than {LONGEST} bytes", "アドレスが {LONGEST} バイトを超えています");
        return Err(Problem::bad_request(param, message));
    }
    text(path).map_err(|wrong| Problem::bad_request("path", wrong))?;
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = text(name).map_err(|wrong| Problem::bad_request("query", wrong))?;
        let name = if name.chars().count() > LONGEST_NAME { "query" } else { &name };
        text(value).map_err(|wrong| Problem::bad_request(name, wrong))?;
    }
    Ok(())
}

/// The text that is meant.
fn text(encoded: &str) -> Result<String, Told> {
    let decoded = String::from_utf8(decoded(encoded))
        .map_err(|_| told!("its percent-encoding is no UTF-8", "パーセントエンコーディングが UTF-8 ではありません"))?;
    if decoded.contains('\0') {
        return Err(told!("it contains a NUL (%00)", "NUL (%00) が含まれています"));
    }
    Ok(decoded)
}

/// What is no encoding stands for itself, as everywhere in the web.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let encoded = match (first, after) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = encoded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str) -> bool {
        check(&address.parse().unwrap()).is_err()
    }

    #[test]
    fn nul_and_what_is_no_utf_8_is_refused_wherever_it_stands() {
        for address in ["/a%00", "/%00/b", "/a?b=%00", "/a?%00=b", "/a?b=1&c=x%00y", "/%ff", "/a?b=%E3%81", "/%c0%80"] {
            assert!(refused(address), "{address}");
        }
    }

    #[test]
    fn what_is_text_passes() {
        for address in ["/", "/a?b=%E3%81%82", "/a?b=100%", "/a?b=%zz&c=%2", "/%2500", "/a?b=a+b&&=", "*"] {
            assert!(!refused(address), "{address}");
        }
    }

    #[test]
    fn an_address_has_8_kib() {
        assert!(!refused(&format!("/{}", "a".repeat(LONGEST - 1))));
        assert!(refused(&format!("/{}", "a".repeat(LONGEST))));
        assert!(refused(&format!("/a?{}", "a".repeat(LONGEST))));
    }
}
