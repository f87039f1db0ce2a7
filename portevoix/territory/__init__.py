"""The ground: communes, départements, régions. Knows no person."""
