//! tokio, whose tests run under a [`Watchdog`](crate::Watchdog).
//!
//! `#[tokio::test]` expands to `tokio::runtime::Builder`, so a module that imports this as `tokio` has each of its tests watched.

pub use ::tokio::*;

/// The runtime of a test.
pub mod runtime {
    use std::future::Future;

    pub use ::tokio::runtime::{Handle, Runtime};

    use crate::Watchdog;

    /// Builds a runtime that limits the time of what it runs.
    #[derive(Debug)]
    pub struct Builder(::tokio::runtime::Builder);

    impl Builder {
        /// Creates a builder of a runtime with one thread.
        #[must_use]
        pub fn new_current_thread() -> Self {
            Self(::tokio::runtime::Builder::new_current_thread())
        }

        /// Creates a builder of a runtime with several threads.
        #[must_use]
        pub fn new_multi_thread() -> Self {
            Self(::tokio::runtime::Builder::new_multi_thread())
        }

        /// Sets the number of threads.
        #[must_use]
        pub fn worker_threads(mut self, number: usize) -> Self {
            self.0.worker_threads(number);
            self
        }

        /// Sets whether the clock is paused.
        #[must_use]
        pub fn start_paused(mut self, is_paused: bool) -> Self {
            self.0.start_paused(is_paused);
            self
        }

        /// Enables I/O and time.
        #[must_use]
        pub fn enable_all(mut self) -> Self {
            self.0.enable_all();
            self
        }

        /// Builds the runtime.
        ///
        /// # Errors
        ///
        /// Fails if the system has no threads or no I/O driver for it.
        pub fn build(mut self) -> std::io::Result<Watched> {
            self.0.build().map(Watched)
        }
    }

    /// A runtime that ends the process if a future takes too long.
    #[derive(Debug)]
    pub struct Watched(Runtime);

    impl Watched {
        /// Runs a future to its end, under a [`Watchdog`].
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            let _watchdog = Watchdog::start();
            self.0.block_on(future)
        }
    }
}
