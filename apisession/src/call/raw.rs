//! Requests without a declaration: restfly's verbs, with everything that declared operations have.

use std::fmt;

use http::Method;
use serde::ser::Serialize;

use super::arguments::{Arguments, Target};
use super::place::Handle;
use super::site::Below;
use super::{Call, Session};
use crate::decode::FromResponse;
use crate::encode::origin;
use crate::encode::segment::push_segment;
use crate::error::{Error, Result};
use crate::message::{Body, Multipart, Response};

/// Makes requests without a declaration, below a session or an endpoint.
///
/// A path is relative to the session or endpoint, and percent-encoded. An absolute URL of the session's origin is called as it is,
/// with its own query and none of the session's. An absolute URL of another origin, or a path that a URL parser would change, is
/// reported when the call is awaited. Sign-in, retries, limits, error map and hooks are those of any operation.
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|request| async move {
/// #     assert_eq!(request.url.as_str(), "https://api.acme.example/v1/undeclared?q=x");
/// #     Ok(Response::new(StatusCode::OK).with_body("{}"))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let other: serde_json::Value = api.raw().get("/undeclared").query("q", "x").json_as().await?;
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Raw(Handle);

impl Session {
    /// Returns the raw requests of the session, as a [`CredentialProvider`](crate::CredentialProvider) makes them.
    #[must_use]
    pub fn raw(&self) -> Raw {
        self.handle().raw()
    }
}

impl Handle {
    /// The raw requests below this place.
    #[must_use]
    pub fn raw(self) -> Raw {
        Raw(self)
    }
}

impl Raw {
    /// Creates a GET request.
    pub fn get(&self, path: &str) -> RawCall {
        self.request(Method::GET, path)
    }

    /// Creates a POST request.
    pub fn post(&self, path: &str) -> RawCall {
        self.request(Method::POST, path)
    }

    /// Creates a PUT request.
    pub fn put(&self, path: &str) -> RawCall {
        self.request(Method::PUT, path)
    }

    /// Creates a PATCH request.
    pub fn patch(&self, path: &str) -> RawCall {
        self.request(Method::PATCH, path)
    }

    /// Creates a DELETE request.
    pub fn delete(&self, path: &str) -> RawCall {
        self.request(Method::DELETE, path)
    }

    /// Creates a HEAD request.
    pub fn head(&self, path: &str) -> RawCall {
        self.request(Method::HEAD, path)
    }

    /// Creates an OPTIONS request.
    pub fn options(&self, path: &str) -> RawCall {
        self.request(Method::OPTIONS, path)
    }

    /// Creates a request of any method.
    pub fn request(&self, method: Method, path: &str) -> RawCall {
        if is_absolute(path) {
            let mut arguments = self.0.raw_request(method, "");
            arguments.target = Target::Own(path.to_owned());
            return self.call(arguments);
        }
        let mut arguments = self.0.raw_request(method, path);
        if let Some(why) = misplaced(path) {
            arguments.refuse(Error::argument(format!("the path of a raw request {why}")));
        }
        self.call(arguments)
    }

    /// Creates a GET request of a link that the server sent, such as [`Response::link`](crate::Response::link), or a `next` in a body.
    ///
    /// The link must have the session's origin, or one of `allowed_origins`; otherwise the call fails. A link that begins with a
    /// slash is relative to the origin. Any other is relative to this endpoint, as the path of [`get`](Self::get) is. The query is the
    /// link's own, with none of the session's; a parameter that the call sets is added. The credential of the session is attached at
    /// its origin.
    ///
    /// The settings are those of this endpoint: `api.events().raw().follow(…)` has those of `events`.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{http::StatusCode, transport::Memory};
    /// # #[endpoint(path = "/events")] pub struct Events;
    /// # #[endpoint] impl Events { #[get] pub fn list(&self) -> Call<Vec<u32>>; }
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session, #[endpoint] events: Events }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     let page = Response::new(StatusCode::OK).with_body("[1]");
    /// #     Ok(if request.url.query().is_some() { page } else { page.with_header("link", "<?page=2>; rel=next") })
    /// # });
    /// # let api = Acme::builder().transport(vendor).build()?;
    /// let mut page: Response<Vec<u32>> = api.events().list().response().await?;
    /// let mut all = page.value().clone();
    /// while let Some(next) = page.link("next") {
    ///     page = api.events().raw().follow(&next).json_as().response().await?;
    ///     all.extend(page.value());
    /// }
    /// # assert_eq!(all, [1, 1]);
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn follow(&self, link: &str) -> RawCall {
        self.follow_with(Method::GET, link)
    }

    /// Creates a request of any method of a link that the server sent, such as the `Location` of an upload: see
    /// [`follow`](Self::follow).
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{http::{Method, StatusCode}, transport::Memory};
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     Ok(match request.method {
    /// #         Method::POST => Response::new(StatusCode::CREATED).with_header("location", "/uploads/7?state=a%3db"),
    /// #         _ => Response::new(StatusCode::OK).with_header("x-query", request.url.query().unwrap_or_default()),
    /// #     })
    /// # });
    /// # let api = Acme::builder().transport(vendor).build()?;
    /// let upload = api.raw().post("/uploads").await?;
    /// let location = upload.headers()["location"].to_str().map_err(Error::other)?;
    /// let done = api.raw().follow_with(Method::PATCH, location).body("text/csv", "a,b\n").await?;
    /// # assert_eq!(done.headers()["x-query"], "state=a%3db");
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn follow_with(&self, method: Method, link: &str) -> RawCall {
        let mut arguments = self.0.raw_request(method, "");
        arguments.target = Target::Link { url: link.to_owned(), has_whole_query: false };
        self.call(arguments)
    }

    /// Creates a request to any URL that the SDK or its user names, such as an identity provider or a presigned URL.
    ///
    /// It uses the session's transport, middlewares, retries and limits. It carries what the call sets. Of the session's headers it
    /// carries only `accept`, `user-agent` and the like. It carries nothing of the session's query, and the session's credential only
    /// if [`AllowedOrigins`](crate::AllowedOrigins) grants that to the origin, or if the origin is the session's own and the call asks
    /// for it by `with_session_credential` or `with_credential_named`. The session's error map, `retry_request` and `resp_error_check`
    /// do not apply. For URLs that a server sent, use [`follow`](Self::follow).
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{http::{Method, StatusCode}, transport::Memory};
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     assert!(request.url.as_str().starts_with("https://bucket.s3") && !request.headers.contains_key("authorization"));
    /// #     Ok(Response::new(StatusCode::OK))
    /// # });
    /// # let api = Acme::builder().transport(vendor).credential(Credential::bearer("t")?).build()?;
    /// let presigned = "https://bucket.s3.amazonaws.com/photo.jpg?X-Amz-Signature=0f1e";
    /// api.raw().elsewhere(Method::PUT, presigned).body("image/jpeg", vec![0xff, 0xd8]).await?;
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn elsewhere(&self, method: Method, url: &str) -> RawCall {
        let mut arguments = self.0.raw_request(method, "");
        match origin::http_url(url) {
            Ok(mut url) => {
                url.set_fragment(None);
                arguments.target = Target::External(Box::new(url));
            }
            Err(error) => arguments.refuse(Error::argument(format!("the URL of a raw request {error}"))),
        }
        self.call(arguments)
    }

    fn call(&self, arguments: Box<Arguments>) -> RawCall {
        let session = self.0.session().clone();
        opened(session, arguments)
    }
}

/// Whether a text is an absolute `http` or `https` URL.
fn is_absolute(path: &str) -> bool {
    let schemes = ["http://", "https://"];
    schemes
        .iter()
        .any(|scheme| path.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Why a text is not a path below the session.
fn misplaced(path: &str) -> Option<&'static str> {
    let has_scheme = path.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    if has_scheme || path.starts_with("//") || path.starts_with("/\\") || path.starts_with('\\') {
        return Some(
            "is an absolute URL, and not an `http` or `https` URL of the session's origin; write the path below the base URL, or use `elsewhere`",
        );
    }
    if path.contains('?') {
        return Some("has a query; add it with `.query(name, value)`");
    }
    path.contains('#').then_some("has a fragment, which is never sent; remove it")
}

/// Percent-encodes a value as one segment of a path, so that a server decodes exactly this value.
///
/// An operation does this with its parameters. This is for a path that is put together by hand, such as that of a
/// [raw](Raw) request. All bytes are encoded but letters, digits, and `-._~:@`.
///
/// ```
/// let name = apisession::encode_segment("Q1/Zürich @home")?;
/// assert_eq!(name, "Q1%2FZ%C3%BCrich%20@home");
/// # Ok::<(), apisession::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the value is empty, is a dot segment (`.` or `..`), which no URL can contain,
/// or contains a control character.
pub fn encode_segment(value: &str) -> Result<String> {
    let mut segment = String::with_capacity(value.len());
    match push_segment(&mut segment, value) {
        Ok(()) => Ok(segment),
        Err(error) => Err(Error::argument(format!("the path segment {error}"))),
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

/// A call of a request that has these arguments already.
pub(super) fn opened(session: Session, arguments: Box<Arguments>) -> RawCall {
    Call::new(session, arguments, |end| Response::from_response(end?)).open(RawCall)
}

crate::__open_call! {
    {
        /// A raw request that is ready to be made. It returns the body as it was received; [`json_as`](crate::OpenCall::json_as) decodes it.
    }
    pub RawCall(Response, Error) {}
}

impl RawCall {
    /// Adds a query parameter beside others of the same name. A list is repeated pairs, and `None` is nothing.
    pub fn query<V: Serialize + ?Sized>(mut self, name: &str, value: &V) -> Self {
        self.0.call().arguments().add_query(name, value);
        self
    }

    /// Sets the JSON body.
    pub fn json<V: Serialize + ?Sized>(mut self, value: &V) -> Self {
        self.0.call().arguments().json("json", value);
        self
    }

    /// Sets a body of any type: a form, a file, a stream. A stream can be sent once, and is not sent again after a failure.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # let api = Acme::builder().build()?;
    /// let call = api.raw().put("/notes/7").body("text/plain", "Bring the slides.");
    /// # assert_eq!(call.build()?.headers["content-type"], "text/plain");
    /// # Ok::<(), apisession::Error>(())
    /// ```
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.0.call().arguments().body = body.into();
        self.header("content-type", content_type)
    }

    /// Sets a multipart body: a struct with `#[derive(Multipart)]`, [`Parts`](crate::Parts), or a list of names and parts.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session }
    /// # let api = Acme::builder().build()?;
    /// let call = api.raw().post("/notes").multipart(&[("title", Part::text("Minutes")), ("file", Part::file("minutes.pdf"))]);
    /// # assert!(call.build()?.headers["content-type"].to_str().unwrap().starts_with("multipart/form-data; boundary="));
    /// # Ok::<(), apisession::Error>(())
    /// ```
    pub fn multipart(mut self, parts: &impl Multipart) -> Self {
        self.0.call().arguments().multipart(parts);
        self
    }

    /// Sets a header, in place of those of outer levels.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.changed(|call| call.with_header(name, value)))
    }

    /// Sets the statuses after which the request is retried, besides those that the error map marks as retryable.
    pub fn retry_on(self, statuses: &[u16]) -> Self {
        Self(self.0.changed(|call| call.with_retry_on(statuses)))
    }

    /// Sets whether `base_path` stands between the base URL and the path. Default: `true`, unless the endpoint declares
    /// otherwise. Without effect where the endpoint has a `base_url` of its own.
    pub fn use_base(mut self, use_base: bool) -> Self {
        let site = &mut self.0.call().arguments().site;
        *site = site.nearer(Below::Session { use_base }, site.outer);
        self
    }
}
