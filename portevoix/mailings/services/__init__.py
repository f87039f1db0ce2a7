"""The acts on mailings: `composing` writes drafts, `sending` lets them leave."""
