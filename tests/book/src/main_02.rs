mod vendor;

use acme::Acme;

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let api = Acme::builder().transport(vendor::transport()).build()?;

    let event = api.events().get(1).await?;
    println!("{} on {}", event.title, event.day);

    let found = api.events().search("Standup").limit(10).await?;
    println!("{} are called Standup", found.len());

    let missing = api.events().find(99).await?;
    println!("{missing:?}");

    let response = api.events().get(1).response().await?;
    println!("{}, attempts: {}", response.status(), response.attempts());
    println!("{}", response.value().title);
    Ok(())
}
