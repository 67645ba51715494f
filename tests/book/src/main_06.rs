mod vendor;

use std::time::Duration;

use acme::{Acme, Login, NewEvent};

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).transport(vendor::transport()).build()?;

    let response = api.holidays().response().await?;
    println!("{} holidays, attempts: {}", response.value().len(), response.attempts());

    let launch = NewEvent { title: "Launch".to_owned(), day: "2026-12-09".to_owned() };
    let response = api.events().create(&launch).with_timeout(Duration::from_secs(5)).response().await?;
    println!("created {}, attempts: {}", response.value().id, response.attempts());
    Ok(())
}
