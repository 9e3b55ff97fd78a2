//! A place in a trace as it travels: the headers `traceparent` and `tracestate`. Pure.
//! Source: W3C Trace Context, <https://www.w3.org/TR/trace-context/>.

use std::fmt::Write as _;

/// Version, trace, span and flags with the dashes between them.
const LENGTH: usize = 55;
/// What a vendor may expect to be carried on.
const LONGEST_STATE: usize = 512;

/// A span of a trace, of ours or of another program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub trace: [u8; 16],
    pub span: [u8; 8],
    /// Whether the trace is recorded.
    pub sampled: bool,
    /// What vendors carry along; empty for nothing.
    pub state: String,
}

impl TraceContext {
    /// Reads the two headers. A `traceparent` that the recommendation calls invalid is none, and a `tracestate` that is
    /// too long is dropped.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (head, rest) = traceparent.split_at_checked(LENGTH)?;
        let mut parts = head.split('-');
        let version: [u8; 1] = bytes(parts.next()?)?;
        let (trace, span) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        let flags: [u8; 1] = bytes(parts.next()?)?;
        let known = match version[0] {
            0 => rest.is_empty(),
            0xff => false,
            // What a later version adds comes after another dash.
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        if !known || parts.next().is_some() || trace == [0; 16] || span == [0; 8] {
            return None;
        }
        let state = tracestate.map(str::trim).filter(|state| state.len() <= LONGEST_STATE && state.is_ascii());
        Some(Self { trace, span, sampled: flags[0] & 1 == 1, state: state.unwrap_or_default().to_owned() })
    }

    /// The value of the header `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", hex(&self.trace), hex(&self.span), u8::from(self.sampled))
    }

    /// The value of the header `tracestate`, where there is one.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        (!self.state.is_empty()).then_some(self.state.as_str())
    }
}

/// Lower-case hexadecimal digits, exactly as many as fit.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit)) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_read_is_written_again() {
        let context = TraceContext::parse(GOOD, Some(" vendor=a,other=b ")).unwrap();
        assert_eq!(context.traceparent(), GOOD);
        assert_eq!(context.tracestate(), Some("vendor=a,other=b"));
        assert!(context.sampled);
        let unsampled = TraceContext::parse(&GOOD.replace("-01", "-02"), None).unwrap();
        assert!(!unsampled.sampled && unsampled.tracestate().is_none());
        assert!(unsampled.traceparent().ends_with("-00"), "flags we do not know are not passed on");
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for text in [GOOD.replacen("00", "01", 1), format!("{}-what-comes", GOOD.replacen("00", "cc", 1))] {
            assert_eq!(TraceContext::parse(&text, None), TraceContext::parse(GOOD, None), "{text}");
        }
    }

    #[test]
    fn malformed_headers_are_none() {
        let zero = |from: usize, to: usize| {
            let mut text = GOOD.to_owned();
            text.replace_range(from..to, &"0".repeat(to - from));
            text
        };
        let long = format!("{GOOD}-00");
        let later = format!("{}00", GOOD.replacen("00", "01", 1));
        let (forbidden, upper) = (GOOD.replacen("00", "ff", 1), GOOD.replace("4bf", "4BF"));
        let (no_trace, no_span) = (zero(3, 35), zero(36, 52));
        for text in [
            "",
            "00",
            &GOOD[1..],
            &long,
            &later,
            &forbidden,
            &upper,
            &no_trace,
            &no_span,
            &GOOD.replace('-', "_"),
            &GOOD.replace("a6a3", "g6a3"),
            &format!(" {GOOD}"),
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-011",
            "株価株価株価株価株価株価株価株価株価株価株価",
        ] {
            assert_eq!(TraceContext::parse(text, None), None, "{text:?}");
        }
    }

    #[test]
    fn a_state_that_is_too_long_costs_only_itself() {
        let context = TraceContext::parse(GOOD, Some(&"a=b,".repeat(200))).unwrap();
        assert_eq!(context.tracestate(), None);
    }
}
