//! The cryptography that reqwest uses where a test gives it a client of its own.

/// With `tls-ring` alone, reqwest needs a default provider.
#[cfg(all(feature = "tls-ring", not(feature = "tls")))]
pub fn install() {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// With `tls`, reqwest has a provider, and without TLS it needs none.
#[cfg(not(all(feature = "tls-ring", not(feature = "tls"))))]
pub fn install() {}
