//! What every HTTP client of the program is made of, whoever it speaks to: sources, webhooks, a collector of traces.

mod wait;

use std::{error::Error, time::Duration};

use reqwest::{Client, ClientBuilder, redirect::Policy};
use url::Url;

use crate::settings::is_loopback;

pub use wait::{backoff, retry_after};

/// A client for requests to this address: `timeout` is for a whole request, and redirects are the caller's matter.
pub fn client(url: &Url, timeout: Duration) -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default(); // the first one installed stays
    let builder = Client::builder().redirect(Policy::none()).timeout(timeout);
    if is_loopback(url) {
        // this host is asked directly, and needs no authority to vouch for it
        return builder.no_proxy().tls_certs_only([]);
    }
    builder
}

/// The first cause, which is what a person needs: `Connection refused`.
#[must_use]
pub fn root(error: &dyn Error) -> String {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root.to_string()
}
