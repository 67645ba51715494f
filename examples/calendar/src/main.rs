//! A tour of the SDK against the vendor's server, which runs in this very process.

use std::fmt::Debug;

use apisession::Error;
use calendar::server::Server;
use calendar::{Acme, Login, NewEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start().await?;
    println!("The vendor's server runs at {}.\n", server.base_url());

    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).base_url(server.base_url()).build()?;

    println!("Nothing is sent until a call is awaited; the first one signs in.");
    let standup = NewEvent { title: "Standup".to_owned(), starts: "2026-12-01".to_owned() };
    let event = api.events().create(&standup).await?;
    show("api.events().create(&standup)", &event);
    for (title, starts) in [("Retro", "2026-12-04"), ("Planning", "2026-11-30")] {
        let event = NewEvent { title: title.to_owned(), starts: starts.to_owned() };
        api.events().create(&event).await?;
    }

    println!("Required parameters are arguments, optional ones are setters.");
    show("api.events().get(event.id)", &api.events().get(event.id).await?);
    let soon = api.events().list().since("2026-12-01").limit(10).await?;
    show("api.events().list().since(\"2026-12-01\").limit(10)", &soon);

    println!("An `Option` makes a 404 an answer; plain Rust stands beside the declarations.");
    show("api.events().find(999)", &api.events().find(999).await?);
    show("api.events().find_by_title(\"Retro\")", &api.events().find_by_title("Retro").await?);

    println!("Status, headers and attempts are there for whoever asks.");
    let response = api.events().get(event.id).response().await?;
    show(
        "api.events().get(event.id).response()",
        &(response.status(), response.attempts(), response.value()),
    );

    println!("When the token dies, the session signs in again, once, and the call goes on.");
    server.revoke_all();
    let response = api.events().get(event.id).response().await?;
    show(
        "api.events().get(event.id).response()",
        &(response.status(), response.attempts(), response.value()),
    );

    println!("An error says what was asked, what came back, and what to do.");
    let undated = NewEvent { title: "Party".to_owned(), starts: "friday".to_owned() };
    explain("api.events().create(&undated)", api.events().create(&undated).await.err());

    println!("Declared operations can be listed without calling them.");
    for route in api.operations() {
        println!("    {:<7}{:<18}{}", route.operation().method(), route.path(), route.operation());
    }

    api.events().delete(event.id).await?;
    api.close().await?;
    println!("\nSigned out; the server holds {} tokens.", server.tokens());
    Ok(())
}

fn show(call: &str, answer: &impl Debug) {
    println!("  {call}\n    {answer:?}\n");
}

fn explain(call: &str, error: Option<Error>) {
    let Some(error) = error else { return println!("  {call}\n    was expected to fail, and did not\n") };
    println!("  {call}");
    for line in error.report().lines() {
        println!("    {line}");
    }
    println!();
}
