from django.urls import path

from portevoix.delivery import views
from portevoix.delivery.views import texts

app_name = "delivery"
urlpatterns = [
    path("l/<slug:code>/<int:number>", views.link, name="link"),
    path("l/<slug:code>/<int:number>/<str:word>", views.link, name="reader_link"),
    path("o/<slug:code>", views.picture, name="picture"),
    path("o/<slug:code>/<str:word>", views.picture, name="reader_picture"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("reports/<slug:provider>/", views.reports, name="reports"),
    path("sms/<str:secret>/<slug:what>/", texts.told, name="texts_told"),
]
