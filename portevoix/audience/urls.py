from django.urls import path

from portevoix.audience import views

app_name = "audience"
urlpatterns = [path("", views.audience, name="audience")]
