"""Pictures that are not slides: what a provider must offer, and how a picture is decoded and brought into form."""
