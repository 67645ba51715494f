//! Signing in.

use apisession::Secret;
use apisession::prelude::*;
use serde::Deserialize;

/// Signing in, in each of the ways that the server knows. The user and the password that it accepts are in the path.
#[endpoint(tags("Auth"))]
pub struct Auth;

#[endpoint]
impl Auth {
    /// Asks for a password.
    #[get("/basic-auth/{user}/{password}")]
    pub fn basic(&self, user: &str, password: &Secret) -> Call<Authenticated>;

    /// Asks for a password, and responds with a 404 without it.
    #[get("/hidden-basic-auth/{user}/{password}")]
    pub fn hidden_basic(&self, user: &str, password: &Secret) -> Call<Authenticated>;

    /// Asks for a token, and accepts any.
    #[get("/bearer")]
    pub fn bearer(&self) -> Call<TokenAccepted>;

    /// Asks for a digest that protects this.
    #[graft("/digest-auth/{qop}/{user}/{password}")]
    pub fn digest(&self, qop: Qop, user: &str, password: &Secret) -> Digest;
}

/// Signing in by a digest.
#[endpoint(tags("Auth"))]
pub struct Digest;

#[endpoint]
impl Digest {
    /// Asks for a digest by MD5.
    #[get]
    pub fn md5(&self) -> Call<Authenticated>;

    /// Asks for a digest by this algorithm.
    #[get("/{algorithm}")]
    pub fn by(&self, algorithm: Algorithm) -> Call<Authenticated>;

    /// Asks for a digest by this algorithm, whose nonce is stale after so many requests.
    #[get("/{algorithm}/{stale_after}")]
    pub fn stale(&self, algorithm: Algorithm, stale_after: u32) -> Call<Authenticated>;
}

/// What a digest protects.
#[derive(Clone, Debug, PartialEq, Eq, OpenEnum)]
#[open_enum(rename_all = "kebab-case")]
pub enum Qop {
    /// The method and the URL.
    Auth,
    /// The body as well.
    AuthInt,
    /// What this version of the SDK does not know.
    Other(String),
}

/// The algorithm of a digest.
#[derive(Clone, Debug, PartialEq, Eq, OpenEnum)]
pub enum Algorithm {
    /// MD5.
    #[open_enum("MD5")]
    Md5,
    /// SHA-256.
    #[open_enum("SHA-256")]
    Sha256,
    /// SHA-512.
    #[open_enum("SHA-512")]
    Sha512,
    /// What this version of the SDK does not know.
    Other(String),
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Authenticated {
    /// Whether the sign-in was accepted.
    pub authenticated: bool,
    /// The user.
    pub user: String,
}

/// The token that was accepted.
#[derive(Clone, Deserialize, SafeDebug)]
pub struct TokenAccepted {
    /// Whether the token was accepted.
    pub authenticated: bool,
    /// The token.
    pub token: String,
}
