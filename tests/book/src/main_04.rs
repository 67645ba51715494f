mod vendor;

use acme::{Acme, Login, NewEvent};

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).transport(vendor::transport()).build()?;

    for (title, day) in [("Review", "2026-12-07"), ("Lunch", "2026-12-08")] {
        let event = NewEvent { title: title.to_owned(), day: day.to_owned() };
        println!("created {}", api.events().create(&event).await?.id);
    }
    api.close().await?;

    let api = Acme::builder(Login::new("ana", "guess")).transport(vendor::transport()).build()?;
    let event = NewEvent { title: "Review".to_owned(), day: "2026-12-07".to_owned() };
    if let Err(error) = api.events().create(&event).await {
        println!("{error}");
    }
    Ok(())
}
