//! Jobs of the server: a call starts one, and its state is read until it is done. Also calls that are repeated until something is so. It
//! imports `call` and what is below it.

mod chunks;
mod course;
mod job;
mod judge;
mod open;
mod plan;
mod poller;
mod polling;
mod reference;
mod schedule;
mod state;
mod token;

pub use self::chunks::Chunks;
pub use self::job::Job;
pub use self::open::OpenPoller;
pub use self::poller::{Poller, Starting};
pub use self::polling::{InProgress, PollRead, PollResult, PollSource, PollTarget, Polling, StateMark};
pub use self::state::JobState;
pub use self::token::JobToken;
