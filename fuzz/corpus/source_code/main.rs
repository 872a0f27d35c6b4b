const P: &str = r#"You answer "{name}""#; fn f<'a>() { let c = '"'; println!("Hi {name:?} \u{1F600}\
  x"); /* /* */ */ }
