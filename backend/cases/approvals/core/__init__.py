"""What every approval use case needs: the locked approval, candidates, eligibility and its one verdict."""
