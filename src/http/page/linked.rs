//! Addresses of ours within a sentence, as links.

use maud::{Markup, html};

use super::site;

/// What follows them is not to be looked at, but to be done.
const CHANGES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];
/// What ends a clause, and no address.
const ENDS: [char; 6] = ['.', ',', ';', ':', ')', '"'];

/// The sentence, in which an address of a page or of the API is a link. Addresses of others and patterns stay text.
pub fn linked(sentence: &str) -> Markup {
    let here = site::here();
    let words: Vec<&str> = sentence.split_inclusive(char::is_whitespace).collect();
    let before = std::iter::once("").chain(words.iter().map(|word| word.trim()));
    html! {
        @for (word, before) in words.iter().zip(before) {
            @let address = word.trim_end().trim_end_matches(ENDS);
            @match here.target(address).filter(|_| !CHANGES.contains(&before) && !address.contains('{')) {
                Some(target) => { a href=(target) { (address) } (word.strip_prefix(address).unwrap_or_default()) }
                None => (word),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ours_is_a_link_and_nothing_else_is() {
        for (sentence, html) in [
            (
                "nothing here; /jobs and /runs.",
                "nothing here; <a href=\"/jobs\">/jobs</a> and <a href=\"/runs\">/runs</a>.",
            ),
            ("まず /jobs か <b>", "まず <a href=\"/jobs\">/jobs</a> か &lt;b&gt;"),
            (
                "1 row: /api/v1/rows?code=%5EX; then more",
                "1 row: <a href=\"/api/v1/rows?code=%5EX\">/api/v1/rows?code=%5EX</a>; then more",
            ),
            ("try POST /jobs/stock/run", "try POST /jobs/stock/run"),
            ("at /jobs/{job}/run", "at /jobs/{job}/run"),
            (
                "cannot open /var/lib/x: http://127.0.0.1/jobs //a/jobs",
                "cannot open /var/lib/x: http://127.0.0.1/jobs //a/jobs",
            ),
            ("", ""),
        ] {
            assert_eq!(linked(sentence).into_string(), html);
        }
    }
}
