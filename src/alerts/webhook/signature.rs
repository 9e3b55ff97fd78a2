//! The signature of a request: HMAC-SHA256 over `timestamp.body`, so that neither can be changed or replayed later.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The value of `X-Datainfra-Signature`.
pub fn signature(secret: &str, timestamp: i64, body: &str) -> String {
    format!("sha256={}", hmac_hex(secret.as_bytes(), format!("{timestamp}.{body}").as_bytes()))
}

#[expect(clippy::expect_used, reason = "a key of HMAC has any length (RFC 2104, 2)")]
fn hmac_hex(key: &[u8], text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, 4.2 to 4.8; test case 5 truncates, which we do not.
    #[test]
    fn the_vectors_of_rfc_4231_hold() {
        let cases: [(&[u8], &[u8], &str); 6] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &(1..=25).collect::<Vec<u8>>(),
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, text, expected) in cases {
            assert_eq!(hmac_hex(key, text), expected);
        }
    }

    #[test]
    fn timestamp_and_body_are_signed_together() {
        let signed = signature("Jefe", 1_700_000_000, "{}");
        assert_eq!(signed, format!("sha256={}", hmac_hex(b"Jefe", b"1700000000.{}")));
        assert_ne!(signed, signature("Jefe", 1_700_000_001, "{}"));
        assert_ne!(signed, signature("jefe", 1_700_000_000, "{}"));
    }
}
