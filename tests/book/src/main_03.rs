mod vendor;

use acme::{Acme, CalendarError};
use apisession::ErrorKind;

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let api = Acme::builder().transport(vendor::transport()).build()?;

    match api.events().search("Standup").limit(0).await {
        Ok(events) => println!("{} events", events.len()),
        Err(error) if error.kind() == ErrorKind::BadRequest => println!("{}", error.report()),
        Err(error) => return Err(error),
    }

    match api.events().get(99).await {
        Ok(event) => println!("{}", event.title),
        Err(CalendarError::NotFound(problem)) => println!("{}", problem.detail.unwrap_or_default()),
        Err(CalendarError::Other(error)) => return Err(error),
    }
    Ok(())
}
