//! Requests that nobody declared: restfly's verbs, with everything that declared operations have.

use std::fmt;

use http::{HeaderValue, Method, header};
use serde::ser::Serialize;
use url::Url;

use crate::arguments::{Arguments, Link};
use crate::body::Body;
use crate::call::Call;
use crate::decode::FromResponse;
use crate::error::{Error, ErrorKind};
use crate::graft::Handle;
use crate::response::Response;

/// Makes requests that nobody declared, below a session or an endpoint.
///
/// A path is relative to it and already encoded; an absolute URL, or a path that a parser would change, is an error
/// that waits for the await. Signing in, retries, limits, error map and hooks are as for any operation.
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

impl Raw {
    pub(crate) fn new(handle: Handle) -> Self {
        Self(handle)
    }

    /// A GET.
    pub fn get(&self, path: &str) -> RawCall {
        self.request(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> RawCall {
        self.request(Method::POST, path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> RawCall {
        self.request(Method::PUT, path)
    }

    /// A PATCH.
    pub fn patch(&self, path: &str) -> RawCall {
        self.request(Method::PATCH, path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> RawCall {
        self.request(Method::DELETE, path)
    }

    /// A HEAD.
    pub fn head(&self, path: &str) -> RawCall {
        self.request(Method::HEAD, path)
    }

    /// An OPTIONS.
    pub fn options(&self, path: &str) -> RawCall {
        self.request(Method::OPTIONS, path)
    }

    /// Any method.
    pub fn request(&self, method: Method, path: &str) -> RawCall {
        let mut arguments = Arguments::raw(self.0.clone(), method, path);
        if let Some(why) = misplaced(path) {
            arguments.fail(Error::new(ErrorKind::Argument, format!("the path of a raw request {why}")));
        }
        RawCall { call: Call::new(arguments, |end| Response::from_response(end?)) }
    }

    /// A GET of a link that the server sent: [`Response::link`](crate::Response::link), a `next` in a body. It is of the
    /// session's origin, or of one that is allowed, or the call is an error. A link that begins with a slash is relative to the origin, any other
    /// to this place, as the path of [`get`](Self::get) is.
    ///
    /// The settings are those of this place: `api.events().raw().follow(…)` goes on as the endpoint says.
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
    /// #     let answer = Response::new(StatusCode::OK).with_body("[1]");
    /// #     Ok(if request.url.query().is_some() { answer } else { answer.with_header("link", "<?page=2>; rel=next") })
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
        let mut arguments = Arguments::raw(self.0.clone(), Method::GET, "");
        arguments.link = Some(Link::Server(link.to_owned()));
        RawCall { call: Call::new(arguments, |end| Response::from_response(end?)) }
    }

    /// A request to a URL that the SDK or its user names, wherever it is: an identity provider, a presigned URL. It goes the session's
    /// way, with its transport, middlewares, attempts and limits, and carries what the call says: of the session's headers what describes
    /// answers and who calls (`accept`, `user-agent` and their like), no credential, no query. The session's error map, `retry_request` and
    /// `resp_error_check` are not for it. What a server wrote is for [`follow`](Self::follow).
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
        let mut arguments = Arguments::raw(self.0.clone(), method, "");
        match place(url) {
            Ok(url) => arguments.link = Some(Link::Own(url)),
            Err(why) => {
                arguments.fail(Error::new(ErrorKind::Argument, format!("the URL of a raw request {why}")));
            }
        }
        RawCall { call: Call::new(arguments, |end| Response::from_response(end?)) }
    }
}

/// A URL that can be called.
fn place(url: &str) -> Result<Url, String> {
    let mut url = Url::parse(url).map_err(|error| format!("can't be read: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("has another scheme than `http` and `https`".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or a password; a header can have them".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// Why a text is no path below the session.
fn misplaced(path: &str) -> Option<&'static str> {
    let has_scheme = path.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    if has_scheme || path.starts_with("//") || path.starts_with("/\\") || path.starts_with('\\') {
        return Some(
            "is an absolute URL; it stays below the base URL, so write the path alone, or ask `elsewhere`",
        );
    }
    if path.contains('?') {
        return Some("has a query; add it with `.query(name, value)`");
    }
    path.contains('#').then_some("has a fragment, which is never sent; take it away")
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

crate::__call! {
    /// A raw request, ready to be made. It is answered with the body as it came; [`json_as`](Self::json_as) decodes.
    pub RawCall(Call<Response>, Response, Error) {
        /// Adds a query parameter, beside others of the same name: a list as repeated pairs, `None` as nothing.
        pub fn query<V: Serialize + ?Sized>(mut self, name: &str, value: &V) -> Self {
            self.call.arguments().add_query(name, value);
            self
        }

        /// Sets the JSON body.
        pub fn json<V: Serialize + ?Sized>(mut self, value: &V) -> Self {
            self.call.arguments().json("json", value);
            self
        }

        /// Sets a body of any kind: a form, a file, a stream. A stream is sent once, and not again after a failure.
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
            self.call.arguments().body = body.into();
            self.with_header("content-type", content_type)
        }

        /// Sets a header, over those of wider levels.
        pub fn header(self, name: &str, value: &str) -> Self {
            self.with_header(name, value)
        }

        /// Names statuses after which another attempt can help, besides those that the error map calls retryable.
        pub fn retry_on(self, statuses: &[u16]) -> Self {
            self.with_retry_on(statuses)
        }

        pub(crate) fn authorized(mut self, value: Option<HeaderValue>) -> Self {
            self.call.arguments().headers.extend(value.map(|value| (header::AUTHORIZATION, value)));
            self
        }

        /// Whether `base_path` stands between the base URL and the path. Default: yes.
        pub fn use_base(mut self, use_base: bool) -> Self {
            self.call.arguments().use_base = use_base;
            self
        }
    }
}
