//! Requests that nobody declared: restfly's verbs, with everything that declared operations have.

use std::fmt;

use http::Method;
use serde::ser::Serialize;

use crate::arguments::Arguments;
use crate::call::Call;
use crate::decode::FromResponse;
use crate::error::{Error, ErrorKind};
use crate::graft::Handle;
use crate::response::Response;
use crate::url::Query;

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

    /// A GET of a link that the server sent: [`Response::link`](crate::Response::link), a `next` in a body. It is
    /// absolute, or relative to the base URL, and of the same origin, or the call is an error.
    pub fn follow(&self, link: &str) -> RawCall {
        let mut arguments = Arguments::raw(self.0.clone(), Method::GET, "");
        match arguments.session.wired().map(|wired| wired.core.base.follow(link)) {
            Ok(Ok(mut url)) => {
                arguments.query = Query::take(&mut url);
                arguments.link = Some(url);
            }
            Ok(Err(why)) => arguments.fail(Error::new(ErrorKind::Argument, format!("the link {why}"))),
            Err(error) => arguments.fail(error),
        }
        RawCall { call: Call::new(arguments, |end| Response::from_response(end?)) }
    }
}

/// Why a text is no path below the session.
fn misplaced(path: &str) -> Option<&'static str> {
    let has_scheme = path.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    if has_scheme || path.starts_with("//") || path.starts_with("/\\") || path.starts_with('\\') {
        return Some("is an absolute URL; it stays below the base URL, so write the path alone");
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

        /// Sets a header, over those of wider levels.
        pub fn header(self, name: &str, value: &str) -> Self {
            self.with_header(name, value)
        }

        /// Names statuses after which another attempt can help, besides those that the error map calls retryable.
        pub fn retry_on(self, statuses: &[u16]) -> Self {
            self.with_retry_on(statuses)
        }

        /// Whether `base_path` stands between the base URL and the path. Default: yes.
        pub fn use_base(mut self, use_base: bool) -> Self {
            self.call.arguments().use_base = use_base;
            self
        }
    }
}
