//! Values of the server that a session keeps for a while, such as its limits, its time zones, or the filters that it knows.

use std::any::TypeId;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::place::Placed;
use super::values::Key;
use crate::credential::{Expires, Freshness, LeaseStore};
use crate::error::{Error, ErrorKind, Result};
use crate::limit::deadline;
use crate::message::duration::LONGEST;

/// A value of the server that each session fetches once, and keeps for a time.
///
/// It is declared as a static, which is the name of the value. The value itself is in the session: two sessions never share one, and
/// neither does what [`with`](crate::APISession) returns, whose user can be another one. An endpoint behind a graft has a value for each
/// of its paths.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use apisession::Cached;
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
///
/// #[derive(Debug, serde::Deserialize)]
/// pub struct Limits {
///     max_guests: u32,
/// }
///
/// static LIMITS: Cached<Limits> = Cached::new(Duration::from_secs(60));
///
/// #[endpoint(path = "/meta")]
/// pub struct Meta;
///
/// #[endpoint]
/// impl Meta {
///     #[get("/limits")]
///     pub fn fetch_limits(&self) -> Call<Limits>;
///
///     /// Returns the limits, which are at most a minute old.
///     pub async fn limits(&self) -> Result<Arc<Limits>> {
///         LIMITS.get(self, || self.fetch_limits()).await
///     }
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] meta: Meta }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async { Ok(Response::new(StatusCode::OK).with_body(r#"{"max_guests":7}"#)) });
/// # let api = Acme::builder().transport(vendor).build()?;
/// assert_eq!(api.meta().limits().await?.max_guests, 7);
/// LIMITS.forget(&api.meta());
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
pub struct Cached<T> {
    time_to_live: Duration,
    /// Where it is declared.
    declared: &'static Location<'static>,
    value: PhantomData<fn() -> T>,
}

impl<T> Cached<T> {
    /// Creates the declaration of a value that is kept for this time after it was fetched.
    #[must_use]
    #[track_caller]
    pub const fn new(time_to_live: Duration) -> Self {
        Self { time_to_live, declared: Location::caller(), value: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// Returns the value of a session or an endpoint. If there is none, or its time is over, makes the call that `fetch` returns.
    ///
    /// Callers that need the value meanwhile wait for the same call. It is made by a task of its own, so that a caller that stops waiting
    /// cancels nothing. A failure is not kept: the next caller makes another call.
    ///
    /// # Errors
    ///
    /// The error of the call, to all who wait for it.
    pub async fn get<C>(&self, at: &impl Placed, fetch: impl Fn() -> C) -> Result<Arc<T>>
    where
        C: IntoFuture<Output = Result<T>>,
        C::IntoFuture: Send + 'static,
    {
        let store = self.store(at)?;
        let time_to_live = self.time_to_live;
        let end = deadline(LONGEST, Instant::now());
        let fetch = || {
            let fetched = fetch().into_future();
            async move {
                let value = Arc::new(fetched.await?);
                Ok(Kept { value, until: deadline(time_to_live, Instant::now()) })
            }
        };
        // The call has its own time limits.
        let lease = store.current(LONGEST, end, fetch).await?;
        Ok(Arc::clone(&lease.value.value))
    }

    /// Forgets the value of a session or an endpoint, so that the next one who asks fetches it. A call that is under way is not kept.
    pub fn forget(&self, at: &impl Placed) {
        if let Ok(store) = self.store(at) {
            store.forget();
        }
    }

    fn store(&self, at: &impl Placed) -> Result<LeaseStore<Kept<T>>> {
        let handle = at.handle();
        let key = Key {
            declared: (self.declared, std::ptr::from_ref(self) as usize),
            of: TypeId::of::<T>(),
            path: handle.prefix().to_owned(),
        };
        let values = handle.session().engine()?.values();
        let found = values.find(key, || Arc::new(LeaseStore::<Kept<T>>::default()));
        let found = found.downcast::<LeaseStore<Kept<T>>>();
        Ok(found.map(|store| LeaseStore::clone(&store)).unwrap_or_default())
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("time_to_live", &self.time_to_live).finish_non_exhaustive()
    }
}

/// A value with the end of its time.
struct Kept<T> {
    value: Arc<T>,
    until: Instant,
}

impl<T: Send + Sync + 'static> Expires for Kept<T> {
    fn freshness(&self) -> Freshness {
        if Instant::now() < self.until { Freshness::Fresh } else { Freshness::Expiring }
    }

    fn failure(error: Error) -> Error {
        error
    }

    fn remembered(_: &Error) -> Duration {
        Duration::ZERO
    }

    fn ended() -> Error {
        Error::new(ErrorKind::Other, "the call for a cached value was ended, by a panic or with its runtime")
    }
}
