"""Who has an approval: claim, reassign, substitutes and people who leave."""
