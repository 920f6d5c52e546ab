"""What tests share: servers, people, purchases."""
