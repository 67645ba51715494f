//! A tour of the SDK, with the vendor's server in the same process.

mod operator;

use std::fmt::Debug;

use apisession::{Environment, Error};
use calendar::server::Server;
use calendar::{Acme, Export, Login, NewEvent};
use indicatif::{ProgressBar, ProgressStyle};

/// `--whoami` prints where the credential of the user comes from. `--trace` prints what an operator reads of some calls.
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().any(|argument| argument == "--whoami") {
        println!("{}", Acme::builder().build()?.credential_source());
        return Ok(());
    }
    let server = Server::start().await?;
    if std::env::args().any(|argument| argument == "--trace") {
        return Ok(operator::trace(&server).await?);
    }
    println!("The vendor's server runs at {}.\n", server.base_url());

    let login = Login::new("ana", "correct horse");
    // The tour signs in, whatever token the user has.
    let nobody = Environment::of::<&str, &str>([]);
    let api = Acme::builder().login(Some(login)).environment(nobody).base_url(server.base_url()).build()?;

    println!("Nothing is sent until a call is awaited. The first call signs in.");
    let standup = NewEvent { title: "Standup".to_owned(), starts: "2026-12-01".to_owned() };
    let event = api.events().create(&standup).await?;
    show("api.events().create(&standup)", &event);
    for (title, starts) in [("Retro", "2026-12-04"), ("Planning", "2026-11-30")] {
        let event = NewEvent { title: title.to_owned(), starts: starts.to_owned() };
        api.events().create(&event).await?;
    }

    println!("Required parameters are arguments. Optional parameters have setters.");
    show("api.events().get(event.id)", &api.events().get(event.id).await?);
    let soon = api.events().list().since("2026-12-01").limit(10).await?;
    show("api.events().list().since(\"2026-12-01\").limit(10)", &soon);

    println!("A list in pages is read item by item. A page is requested when it is needed.");
    let mut events = api.events().all().since("2026-11-30").with_page_size(2).items();
    while let Some(event) = events.next().await {
        show("events.next()", &event?);
    }

    println!("With an `Option`, a 404 is `None`. Methods in plain Rust can be among the declarations.");
    show("api.events().find(999)", &api.events().find(999).await?);
    show("api.events().find_by_title(\"Retro\")", &api.events().find_by_title("Retro").await?);

    println!("A model is saved, reloaded and removed by itself.");
    let mut moved = api.events().get(event.id).await?;
    moved.starts = "2026-12-02".to_owned();
    moved.save(&api.events()).await?;
    moved.reload(&api.events()).await?;
    show("moved.save(&api.events()), then moved.reload(&api.events())", &moved);

    println!("`response()` returns status, headers and the number of attempts together with the value.");
    let response = api.events().get(event.id).response().await?;
    show(
        "api.events().get(event.id).response()",
        &(response.status(), response.attempts(), response.value()),
    );

    println!("A download is stored once it is whole. After a cut it resumes.");
    let agenda: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    api.events().attach(event.id, "agenda.pdf", agenda).await?;
    let download = api.events().attachment(event.id, "agenda.pdf").await?;
    let style = ProgressStyle::with_template("    {bar:30} {bytes} of {total_bytes}")?;
    let bar = ProgressBar::new(download.total().unwrap_or(0)).with_style(style);
    let path = std::env::temp_dir().join(format!("agenda-{}.pdf", std::process::id()));
    let shown = bar.clone();
    let saved =
        download.to_file(&path).with_progress(move |progress| shown.set_position(progress.received)).await?;
    bar.finish();
    show("api.events().attachment(event.id, \"agenda.pdf\").await?.to_file(path)", &saved);
    std::fs::remove_file(path)?;

    println!("A job of the server is awaited, or its states are read one by one.");
    let mut job = api.exports().create().start().await?;
    let bar = ProgressBar::new(100).with_style(ProgressStyle::with_template("    {bar:30} {pos} % {msg}")?);
    while let Some(state) = job.next().await {
        let state = state?;
        bar.set_position(state.json::<Export>()?.percent.into());
        bar.set_message(state.state().to_owned());
    }
    bar.finish();
    show("api.exports().create().start().await?.wait()", &job.wait().await?.0);

    println!("When the token is revoked, the session signs in again and sends the request once more.");
    server.revoke_all();
    let response = api.events().get(event.id).response().await?;
    show(
        "api.events().get(event.id).response()",
        &(response.status(), response.attempts(), response.value()),
    );

    println!("An error report has the request, the response, and the next step.");
    let undated = NewEvent { title: "Party".to_owned(), starts: "friday".to_owned() };
    explain("api.events().create(&undated)", api.events().create(&undated).await.err());

    println!("Changes arrive as they happen. The stream goes on where it was when the connection is lost.");
    let mut changes = api.events().changes().await?;
    let lunch = NewEvent { title: "Lunch".to_owned(), starts: "2026-12-24".to_owned() };
    let lunch = api.events().create(&lunch).await?;
    show("changes.next()", &changes.next().await.transpose()?);
    server.hang_up();
    api.events().delete(lunch.id).await?;
    show("changes.next(), after the server has closed the connection", &changes.next().await.transpose()?);
    drop(changes);

    println!("The declared operations can be listed.");
    for route in api.operations() {
        println!("    {:<7}{:<18}{}", route.operation().method(), route.path(), route.operation());
    }

    api.events().delete(event.id).await?;
    api.close().await?;
    println!("\nSigned out. The server has {} valid tokens.", server.tokens());
    Ok(())
}

fn show(call: &str, value: &impl Debug) {
    println!("  {call}\n    {value:?}\n");
}

fn explain(call: &str, error: Option<Error>) {
    let Some(error) = error else { return println!("  {call}\n    should have failed\n") };
    println!("  {call}");
    for line in error.report().lines() {
        println!("    {line}");
    }
    println!();
}
